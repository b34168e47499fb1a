import { EngineError } from '#domain/error/engine-error.ts';

import type { LayerPath } from './layer-path.ts';
import { toText } from './layer-path.ts';

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** What an archive can cause by its own fault. */
const CONTENT_FAULTS = new Set([
  'ENAMETOOLONG',
  'ENOTDIR',
  'ELOOP',
  'EFBIG',
  'EINVAL',
  'EMLINK',
  'ENOENT',
  'EEXIST',
]);

/** Gives a failed system call of an entry its kind: a full disk, a bad archive, or our own trouble. */
export const toLayerError = (path: LayerPath, cause: unknown): unknown => {
  if (cause instanceof EngineError) return cause;
  const code = codeOf(cause);
  const params = { path: toText(path), error: code };
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (FULL.has(code))
    return new EngineError(
      'unavailable',
      'layer.no-space',
      `no space left on device while unpacking "${params.path}"`,
      {
        params,
        cause,
      },
    );
  if (CONTENT_FAULTS.has(code))
    return new EngineError(
      'invalid',
      'layer.bad-entry',
      `layer entry "${params.path}" cannot be unpacked: ${reason}`,
      {
        params,
        cause,
      },
    );
  return new EngineError('internal', 'layer.unpack-failed', `unpacking "${params.path}" failed: ${reason}`, {
    params,
    cause,
  });
};

export const badEntry = (path: LayerPath, reason: string): EngineError =>
  new EngineError(
    'invalid',
    'layer.bad-entry',
    `layer entry "${toText(path)}" cannot be unpacked: ${reason}`,
    {
      params: { path: toText(path), error: reason },
    },
  );

export const digestMismatch = (expected: string, actual: string): EngineError =>
  new EngineError('invalid', 'layer.digest-mismatch', `layer has diffID ${actual}, expected ${expected}`, {
    params: { expected, actual },
  });

export const layerTooLarge = (what: string, limit: number): EngineError =>
  new EngineError('invalid', 'layer.too-large', `layer is past the limit of ${limit} ${what}`, {
    params: { what, limit },
  });

export const layerCorrupt = (reason: string, cause?: unknown): EngineError =>
  new EngineError('invalid', 'layer.corrupt', reason, { params: { reason }, cause });

export const cancelled = (): EngineError =>
  new EngineError('cancelled', 'layer.cancelled', 'unpacking the layer was cancelled');
