/** `PATH` of a container whose image says nothing. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export type EnvironmentInput = {
  readonly env: readonly string[];
  readonly hostname: string;
  readonly domainname: string;
  readonly tty: boolean;
  readonly home: string;
  /** Of links; weaker than the container's own. */
  readonly links?: readonly string[];
};

/** The process's environment: defaults first, then links, then the container's own by key (docker-semantics.md 19). */
export const buildEnvironment = (input: EnvironmentInput): string[] => {
  const host = input.domainname === '' ? input.hostname : `${input.hostname}.${input.domainname}`;
  const defaults = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${host}`, ...(input.tty ? ['TERM=xterm'] : [])];
  const merged = overlay(overlay(defaults, input.links ?? []), input.env);
  // An empty one is none: runtimes fill in the user's.
  const kept = merged.filter((entry) => entry !== 'HOME=');
  return kept.some((entry) => keyOf(entry) === 'HOME') ? kept : [...kept, `HOME=${input.home}`];
};

/** Later entries replace earlier ones of the same key in place; an entry without `=` removes the key. */
export const overlay = (base: readonly string[], changes: readonly string[]): string[] => {
  const byKey = new Map(base.map((entry) => [keyOf(entry), entry]));
  for (const entry of changes) {
    if (entry.includes('=')) byKey.set(keyOf(entry), entry);
    else byKey.delete(entry);
  }
  return [...byKey.values()];
};

const keyOf = (entry: string): string => {
  const equals = entry.indexOf('=');
  return equals === -1 ? entry : entry.slice(0, equals);
};
