/**
 * The one error class of the engine. `kind` is a closed set that every dialect maps to a status;
 * `code` is stable and names the sentence in the catalogue; `params` fill the sentence in.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'exists'
  | 'unchanged'
  | 'unsupported'
  | 'unavailable'
  | 'timed-out'
  | 'cancelled'
  | 'damaged'
  | 'internal';

export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly params: ErrorParams;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { params?: ErrorParams; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.params = options.params ?? {};
  }
}

export const isEngineError = (error: unknown, kind?: ErrorKind): error is EngineError =>
  error instanceof EngineError && (kind === undefined || error.kind === kind);
