import type { Container } from '#domain/container/container.ts';

type Values = Readonly<Record<string, (container: Container) => string>>;

const SHORT = 12;
const bareId = (id: string): string => id.replace(/^sha256:/u, '');

const VALUES: Values = {
  ID: ({ id }) => id.slice(0, SHORT),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  ImageID: ({ imageId }) => bareId(imageId).slice(0, SHORT),
  ImageFullID: ({ imageId }) => imageId,
  ImageName: ({ config }) => config.image,
  DaemonName: () => 'docker',
  Command: ({ path, args }) => [path, ...args].join(' '),
};

const FIELD = /\{\{\s*\.(\w+)\s*\}\}/gu;

/** Whether a tag holds only what `logTag` can fill in. */
export const isLogTag = (template: string): boolean => {
  for (const [, name = ''] of template.matchAll(FIELD)) if (!Object.hasOwn(VALUES, name)) return false;
  return !/\{\{|\}\}/u.test(template.replaceAll(FIELD, ''));
};

/** `{{.Name}}/{{.ID}}` filled in; '' = the short id. */
export const logTag = (template: string, container: Container): string =>
  template === ''
    ? container.id.slice(0, SHORT)
    : template.replaceAll(FIELD, (_, name: string) => VALUES[name]?.(container) ?? '');
