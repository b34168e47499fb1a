import { EngineError } from '#domain/error/engine-error.ts';
import { formatPlatform, matchesPlatform } from '#domain/image/platform.ts';
import type { Engine } from '#engine/engine.ts';

/** A platform as clients send it in JSON. */
export type PlatformBody = {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
};

/**
 * An image is stored for one platform: asking for another is `not-found` `image.platform`
 * {reference, wanted, actual} (docker-modern.md 3.6). Half a platform is `invalid` `platform.incomplete`.
 */
export const checkPlatform = (engine: Engine, reference: string, body: PlatformBody | undefined): void => {
  if (body === undefined) return;
  const { os = '', architecture = '', variant = '' } = body;
  if (os === '' || architecture === '') {
    throw new EngineError('invalid', 'platform.incomplete', 'both OS and Architecture must be provided');
  }
  const wanted = { os, architecture, variant };
  const { image } = engine.images.get(reference);
  if (matchesPlatform(image, wanted)) return;
  const text = formatPlatform(wanted);
  throw new EngineError(
    'not-found',
    'image.platform',
    `image with reference ${reference} was found but does not provide the specified platform (${text})`,
    { params: { reference, wanted: text, actual: formatPlatform(image) } },
  );
};

/** `platforms` of remove: JSON text each, one at most where images have one platform. */
export const decodePlatforms = (texts: readonly string[]): PlatformBody | undefined => {
  if (texts.length > 1) {
    throw new EngineError('invalid', 'platform.several', 'multiple platforms are not supported');
  }
  const [text] = texts;
  return text === undefined ? undefined : parsePlatformBody(text);
};

const parsePlatformBody = (text: string): PlatformBody => {
  const body = parseObject(text);
  return {
    os: textOf(body['os']),
    architecture: textOf(body['architecture']),
    variant: textOf(body['variant']),
  };
};

const parseObject = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told below, like text that is JSON but no object.
  }
  throw new EngineError('invalid', 'query.value', `failed to parse platform: ${text}`, {
    params: { name: 'platforms', value: text },
  });
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
