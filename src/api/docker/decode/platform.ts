import type { Static } from 'typebox';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ImageView } from '#engine/engine.ts';
import type { PlatformJson } from '#api/docker/schema/image.ts';

/**
 * An image is stored for one platform: asking for another is `not-found` `image.platform`
 * {reference, wanted, actual} (docker-modern.md 3.6).
 */
export const checkPlatform = (
  { image }: Pick<ImageView, 'image'>,
  wanted: Static<typeof PlatformJson> | undefined,
  reference: string,
): void => {
  if (wanted === undefined) return;
  const isSame =
    isUnsetOr(wanted.os, image.os) &&
    isUnsetOr(wanted.architecture, image.architecture) &&
    isUnsetOr(wanted.variant, image.variant);
  if (isSame) return;
  const asked = [wanted.os, wanted.architecture, wanted.variant].filter((part) => part !== undefined && part !== '').join('/');
  const actual = `${image.os}/${image.architecture}`;
  throw new EngineError(
    'not-found',
    'image.platform',
    `image with reference ${reference} was found but does not provide the specified platform (${asked})`,
    { params: { reference, wanted: asked, actual } },
  );
};

const isUnsetOr = (wanted: string | undefined, held: string): boolean => wanted === undefined || wanted === '' || wanted === held;
