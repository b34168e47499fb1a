import { DEFAULT_HOST, formatFamiliar, parseReference, withDefaultTag } from '#domain/image/reference.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';
import type { Wording } from './wording.ts';

const MALFORMED = 'invalid reference format';

const malformed: Wording = () => ({ message: MALFORMED });

/** The missing image as a reference with its tag; an id or a digest as it was typed. */
export const missingImageName = (params: ErrorParams): string => {
  const { name, ref = '' } = params;
  if (name !== undefined) return String(name);
  try {
    return formatFamiliar(withDefaultTag(parseReference(String(ref))));
  } catch {
    // An id.
    return String(ref);
  }
};

/** The path of a name whose upper-case letters keep it from being read: `library/` stands before a single part. */
const pathOf = (name: string): string => {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `library/${name}`;
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const path = isHost ? rest.join('/') : name;
  return first === DEFAULT_HOST && rest.length === 1 ? `library/${path}` : path;
};

/** Today's words of Docker for what can be wrong with images and their names (docker-semantics.md 13). */
export const IMAGE_WORDING: Readonly<Record<string, Wording>> = {
  'image.name-blank': () => ({ status: 500 }),
  'image.not-found': ({ params }) => ({ message: `No such image: ${missingImageName(params)}` }),
  'image.name-in-use': ({ params: { ref, container, image } }) => ({
    message: `conflict: unable to remove repository reference "${ref}" (must force) - container ${container} is using its referenced image ${image}`,
  }),
  'image.in-use': ({ params: { id, reason, canBeForced } }) => ({
    message: `conflict: unable to delete ${id} (${canBeForced === true ? 'must be forced' : 'cannot be forced'}) - ${reason}`,
  }),
  'image.tag-in-use': ({ params: { repository, tag, id } }) => ({
    message: `Conflict: Tag ${repository}:${tag} is already set to image ${shortId(id)}, if you want to replace it, please use -f option`,
  }),
  'reference.scheme': malformed,
  'reference.format': malformed,
  'reference.upper-case': ({ params: { name } }) => ({
    message: `${MALFORMED}: repository name (${pathOf(String(name))}) must be lowercase`,
  }),
  'reference.hex-name': ({ params: { name } }) => ({
    message: `invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`,
  }),
  'reference.too-long': () => ({ message: 'repository name must not be more than 255 characters' }),
  'reference.reserved': ({ params: { name } }) => ({ message: `'${name}' is a reserved name` }),
  'reference.tag': () => ({ message: 'invalid tag format' }),
};

const shortId = (id: unknown): string =>
  String(id)
    .replace(/^sha256:/, '')
    .slice(0, 12);
