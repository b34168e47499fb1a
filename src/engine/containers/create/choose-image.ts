import type { Image } from '#domain/image/image.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { parseReference } from '#domain/image/reference.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

/** Era's limit of stacked layers (docker-semantics.md 2.3); overlay itself would take some more. */
const DEEPEST = 125;

/** The image of a new container; undefined for a container without one. Throws `image.*`. */
export const chooseImage = (
  { images, machine }: Pick<ContainerContext, 'images' | 'machine'>,
  ref: string,
  platform: string,
): { image: Image | undefined; warnings: string[] } => {
  if (ref === '') return { image: undefined, warnings: [] };
  const { image } = lookUp(images, ref);
  if (image.layers.length >= DEEPEST)
    throw engineError('image.too-deep', { ref, layers: image.layers.length });
  if (platform !== '') verifyPlatform(image, ref, platform);
  return { image, warnings: platform === '' ? platformWarnings(image, machine.facts) : [] };
};

/** Names that cannot be, told from names that are not there. Ids and reserved words are simply not there. */
const UNREADABLE: ReadonlySet<string> = new Set([
  'reference.format',
  'reference.upper-case',
  'reference.tag',
]);

const lookUp = (images: ContainerContext['images'], ref: string): { readonly image: Image } => {
  try {
    return images.get(ref);
  } catch (error) {
    if (isEngineError(error, 'not-found')) verifyReadable(ref);
    throw error;
  }
};

const verifyReadable = (ref: string): void => {
  try {
    parseReference(ref);
  } catch (error) {
    if (!isEngineError(error, 'invalid') || !UNREADABLE.has(error.code)) return;
    throw new EngineError('invalid', error.code, error.message, { params: { ...error.params, given: ref } });
  }
};

const ALIASES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  i386: '386',
};

const canonical = (architecture: string): string => ALIASES[architecture] ?? architecture;

const verifyPlatform = (image: Image, ref: string, platform: string): void => {
  const parts = platform.toLowerCase().split('/');
  if (parts.length > 3 || parts.includes('')) throw engineError('config.platform', { platform });
  const [os = '', architecture, variant] = parts;
  const isSame =
    os === image.os &&
    (architecture === undefined || canonical(architecture) === canonical(image.architecture)) &&
    (variant === undefined || image.variant === '' || variant === image.variant);
  if (!isSame) throw engineError('image.wrong-platform', { ref, platform, actual: platformOf(image) });
};

const platformOf = ({ os, architecture, variant }: Image): string =>
  variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;

const platformWarnings = (image: Image, facts: MachineFacts): string[] => {
  const isSame = image.os === 'linux' && canonical(image.architecture) === facts.architecture;
  return isSame || image.architecture === ''
    ? []
    : [
        `The requested image's platform (${platformOf(image)}) does not match the detected host platform ` +
          `(linux/${facts.architecture}) and no specific platform was requested`,
      ];
};
