import { EngineError } from '#domain/error/engine-error.ts';

/** The archive ends inside a header or a file. The wording is Go's, which clients of older engines look for. */
export const truncated = (): EngineError => new EngineError('invalid', 'tar.truncated', 'unexpected EOF');

/** Bytes that are no tar header; `detail` says which rule they break. */
export const invalidHeader = (detail: string): EngineError =>
  new EngineError('invalid', 'tar.invalid-header', `archive/tar: invalid tar header: ${detail}`, {
    params: { detail },
  });

/** A name or an extended header past the reader's limits. */
export const fieldTooLong = (field: string, limitBytes: number): EngineError =>
  new EngineError(
    'invalid',
    'tar.field-too-long',
    `archive/tar: header field too long: ${field} has more than ${limitBytes} bytes`,
    { params: { field, limitBytes } },
  );

export const tooManyEntries = (limit: number): EngineError =>
  new EngineError('invalid', 'tar.too-many-entries', `archive has more than ${limit} entries`, {
    params: { limit },
  });

/** A header that no tar format can carry (programming error of the writer's caller, or a hostile name). */
export const unwritable = (detail: string): EngineError =>
  new EngineError('invalid', 'tar.unwritable', `archive/tar: cannot encode header: ${detail}`, {
    params: { detail },
  });
