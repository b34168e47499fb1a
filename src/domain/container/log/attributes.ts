import type { Container } from '#domain/container/container.ts';
import { logTag } from './tag.ts';

type Pair = readonly [key: string, value: string];

/**
 * What the log options `labels`, `labels-regex`, `env` and `env-regex` choose of a container, in the order of their keys; and
 * the tag, where json-file is told one (docker-semantics.md 9.1).
 */
export const logAttributes = (container: Container): readonly Pair[] => {
  const { config, host } = container;
  const { type, config: options } = host.logConfig;
  const isLabel = chooser(options['labels'], options['labels-regex']);
  const isVariable = chooser(options['env'], options['env-regex']);
  const variables = config.env.map((entry): Pair => {
    const [name = ''] = entry.split('=', 1);
    return [name, entry.slice(name.length + 1)];
  });
  const { tag = '' } = options;
  const chosen = new Map<string, string>([
    ...Object.entries(config.labels).filter(([name]) => isLabel(name)),
    ...variables.filter(([name]) => isVariable(name)),
    ...(type === 'json-file' && tag !== '' ? [['tag', logTag(tag, container)] as const] : []),
  ]);
  return [...chosen].toSorted(([a], [b]) => (a < b ? -1 : 1));
};

/** By list and by pattern; a pattern that is none chooses nothing. */
const chooser = (list = '', pattern = ''): ((name: string) => boolean) => {
  const names = new Set(list.split(',').filter((name) => name !== ''));
  const expression = pattern === '' ? undefined : readPattern(pattern);
  return (name) => names.has(name) || expression?.test(name) === true;
};

/** Undefined when it is no regular expression. */
export const readPattern = (pattern: string): RegExp | undefined => {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
};
