import type { ShownError } from '#api/dialect/change.ts';
import type { ErrorPlace } from '#api/dialect/dialect.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';

export type WordingInput = {
  readonly params: ErrorParams;
  /** Our own words, the fallback. */
  readonly message: string;
  readonly place: Pick<ErrorPlace, 'route' | 'params'>;
};

/** Today's Docker words (and status, where the kind's is not it) for one error code. */
export type Wording = (input: WordingInput) => Partial<ShownError>;
