import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import {
  familiarRepository,
  formatFamiliar,
  isDigest,
  parseReference,
  withDefaultTag,
} from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';

/** `not-found`, code `image.not-found`; params `ref` as typed and `name` with its tag filled in. */
export const imageNotFound = (ref: string): EngineError => {
  const name = nameOf(ref);
  return new EngineError('not-found', 'image.not-found', `No such image: ${name}`, {
    params: { ref, name },
  });
};

const nameOf = (ref: string): string => {
  if (isDigest(ref)) return ref;
  try {
    return formatFamiliar(withDefaultTag(parseReference(ref)));
  } catch (error) {
    if (isEngineError(error, 'invalid')) return ref;
    throw error;
  }
};

/** `unsupported`, code `image.media-type`. */
export const unsupportedMediaType = (mediaType: string): EngineError =>
  new EngineError('unsupported', 'image.media-type', `unsupported media type ${mediaType}`, {
    params: { mediaType },
  });

/** `not-found`, code `image.platform`: an image is there, but not for this platform. */
export const wrongPlatform = (reference: string, wanted: string, actual: string): EngineError =>
  new EngineError(
    'not-found',
    'image.platform',
    actual === ''
      ? `no matching manifest for ${wanted} in the manifest list entries`
      : `image with reference ${reference} was found but does not match the specified platform: wanted ${wanted}, actual: ${actual}`,
    { params: { reference, wanted, actual } },
  );

const PULL_SENTENCES: Readonly<Record<string, (reference: Reference) => string>> = {
  MANIFEST_UNKNOWN: (reference) => `manifest for ${formatFamiliar(reference)} not found`,
  NAME_UNKNOWN: (reference) => `repository ${familiarRepository(reference)} not found`,
  DENIED: (reference) =>
    `pull access denied for ${familiarRepository(reference)}, repository does not exist or may require 'docker login'`,
};

/**
 * What a registry's refusal means for a pull: `not-found`, code `pull.not-found`, with Docker's
 * sentence before the registry's words; anything else as it is.
 */
export const toPullError = (error: unknown, reference: Reference): unknown => {
  if (!isEngineError(error)) return error;
  const { registryCode, text } = error.params;
  const sentence = PULL_SENTENCES[String(registryCode)];
  if (sentence === undefined) return error;
  return new EngineError('not-found', 'pull.not-found', `${sentence(reference)}: ${text}`, {
    params: { ...error.params, reference: formatFamiliar(reference) },
    cause: error,
  });
};
