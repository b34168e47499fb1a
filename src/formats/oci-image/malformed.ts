import { EngineError, isEngineError } from '#domain/error/engine-error.ts';

/** Bytes that claim to be part of an image and are not: `invalid`, code `image.malformed`. */
export const malformedImage = (detail: string, options: { cause?: unknown } = {}): EngineError =>
  new EngineError('invalid', 'image.malformed', detail, { params: { detail }, ...options });

export const isMalformedImage = (error: unknown): boolean =>
  isEngineError(error, 'invalid') && error.code === 'image.malformed';
