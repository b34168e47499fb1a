import { EngineError } from '#domain/error/engine-error.ts';
import type { Digest } from '#domain/value/flavor.ts';

/**
 * The name of an image, taken apart (docker-semantics.md 13.1). `host` and `path` are always whole:
 * `busybox` is host `docker.io`, path `library/busybox`. Tag and digest are '' when not written.
 */
export type Reference = {
  readonly host: string;
  readonly path: string;
  readonly tag: string;
  readonly digest: Digest;
};

export const DEFAULT_HOST = 'docker.io';
export const DEFAULT_TAG = 'latest';

const OFFICIAL = 'library/';
const MAX_NAME_LENGTH = 255;
const DEFAULT_HOST_ALIASES: ReadonlySet<string> = new Set([DEFAULT_HOST, 'index.docker.io']);

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
const HEX_NAME = /^[a-f0-9]{64}$/;

/** Reads a reference as people type it. Errors: `invalid`, codes `reference.*`, params {name}. */
export const parseReference = (text: string): Reference => {
  if (text.includes('://')) throw refuse('scheme', text);
  const [named, digest] = splitDigest(text);
  const [name, tag] = splitTag(named);
  const { host, path } = splitHost(name);
  checkName(text, name, host, path);
  if (tag !== undefined) checkTag(tag);
  if (digest !== undefined && !isDigest(digest)) throw refuse('digest', text);
  return { host, path, tag: tag ?? '', digest: digest ?? '' };
};

/** A repository and a separate tag (or digest) parameter; what the parameter says wins. */
export const joinReference = (repository: string, tagOrDigest: string): Reference => {
  const base = parseReference(repository);
  if (tagOrDigest === '') return base;
  if (tagOrDigest.includes(':')) {
    if (!isDigest(tagOrDigest)) throw refuse('digest', `${repository}@${tagOrDigest}`);
    return { ...base, tag: '', digest: tagOrDigest };
  }
  checkTag(tagOrDigest);
  return { ...base, tag: tagOrDigest, digest: '' };
};

export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === '' && reference.digest === '' ? { ...reference, tag: DEFAULT_TAG } : reference;

/** `docker.io/library/busybox:latest`; a digest hides the tag beside it. The key of the local store. */
export const formatCanonical = (reference: Reference): string =>
  `${canonicalRepository(reference)}${suffixOf(reference)}`;

/** `busybox:latest`: what people read. */
export const formatFamiliar = (reference: Reference): string =>
  `${familiarRepository(reference)}${suffixOf(reference)}`;

/** `docker.io/library/busybox`. */
export const canonicalRepository = ({ host, path }: Reference): string => `${host}/${path}`;

/** `busybox`, `user/app`, `host:5000/busybox`. */
export const familiarRepository = ({ host, path }: Reference): string => {
  if (host !== DEFAULT_HOST) return `${host}/${path}`;
  return isOfficial(path) ? path.slice(OFFICIAL.length) : path;
};

export const isDigest = (text: string): boolean => DIGEST.test(text);

const isOfficial = (path: string): boolean =>
  path.startsWith(OFFICIAL) && !path.includes('/', OFFICIAL.length);

const suffixOf = ({ tag, digest }: Reference): string => {
  if (digest !== '') return `@${digest}`;
  return tag === '' ? '' : `:${tag}`;
};

const splitDigest = (text: string): [string, string | undefined] => {
  const at = text.indexOf('@');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

const splitTag = (named: string): [string, string | undefined] => {
  const colon = named.lastIndexOf(':');
  if (colon < 0 || named.includes('/', colon)) return [named, undefined];
  return [named.slice(0, colon), named.slice(colon + 1)];
};

const splitHost = (name: string): { host: string; path: string } => {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first === 'localhost' || first.includes('.') || first.includes(':');
  const host = isHost && !DEFAULT_HOST_ALIASES.has(first) ? first : DEFAULT_HOST;
  const path = isHost ? name.slice(slash + 1) : name;
  const official = host === DEFAULT_HOST && !path.includes('/') && path !== '';
  return { host, path: official ? OFFICIAL + path : path };
};

const checkName = (text: string, name: string, host: string, path: string): void => {
  if (!HOST.test(host)) throw refuse('format', text);
  const familiar = familiarRepository({ host, path, tag: '', digest: '' });
  if (host === DEFAULT_HOST && HEX_NAME.test(familiar)) throw refuse('hex-name', familiar);
  if (familiar === 'scratch') throw refuse('reserved', familiar);
  if (/[A-Z]/.test(path)) throw refuse('upper-case', name);
  if (!path.split('/').every((part) => COMPONENT.test(part))) throw refuse('format', text);
  if (host.length + 1 + path.length > MAX_NAME_LENGTH) throw refuse('too-long', name);
};

const checkTag = (tag: string): void => {
  if (!TAG.test(tag)) throw refuse('tag', tag);
};

type Complaint = 'scheme' | 'format' | 'hex-name' | 'reserved' | 'upper-case' | 'too-long' | 'tag' | 'digest';

const SENTENCES: Readonly<Record<Complaint, (name: string) => string>> = {
  scheme: () => 'Invalid repository name (ex: "registry.domain.tld/myrepos")',
  format: (name) => `invalid reference format: ${name}`,
  'hex-name': (name) => `Invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`,
  reserved: (name) => `'${name}' is a reserved name`,
  'upper-case': (name) => `invalid reference format: repository name (${name}) must be lowercase`,
  'too-long': () =>
    `invalid reference format: repository name must not be more than ${MAX_NAME_LENGTH} characters`,
  tag: (name) =>
    `Illegal tag name (${name}): only [A-Za-z0-9_.-] are allowed ('.' and '-' are NOT allowed in the initial), minimum 1, maximum 128 in length`,
  digest: (name) => `invalid reference format: ${name} names no sha256 digest`,
};

const refuse = (complaint: Complaint, name: string): EngineError =>
  new EngineError('invalid', `reference.${complaint}`, SENTENCES[complaint](name), {
    params: { name },
  });
