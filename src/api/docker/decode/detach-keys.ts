import { EngineError } from '#domain/error/engine-error.ts';
import { parseDetachKeys } from '#formats/detach-keys/parse-detach-keys.ts';

/** Bytes of the keys by which a client leaves a terminal; throws `invalid` `detach-keys.invalid` {keys}. */
export const decodeDetachKeys = (keys: string | undefined): Uint8Array => {
  const bytes = parseDetachKeys(keys ?? '');
  if (bytes !== undefined) return bytes;
  throw new EngineError('invalid', 'detach-keys.invalid', `Invalid detach keys (${keys ?? ''}) provided`, {
    params: { keys: keys ?? '' },
  });
};
