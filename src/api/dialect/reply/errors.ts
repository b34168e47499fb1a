import type { Reply } from '#api/http/reply.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type {
  Change,
  ErrorBody,
  ErrorText,
  ErrorView,
  ShownError,
  StatusChange,
} from '#api/dialect/change.ts';
import type { DialectSpec, ErrorPlace } from '#api/dialect/dialect.ts';
import { knownVersion, type ApiVersion } from '#api/dialect/version.ts';

/** Whatever was thrown, as the engine's one error class. */
export const toEngineError = (error: unknown): EngineError => {
  if (isEngineError(error)) return error;
  if (isDiskFull(error))
    return new EngineError('unavailable', 'disk.full', 'no space left on device', { cause: error });
  return new EngineError('internal', 'internal', 'internal error', { cause: error });
};

/** Any write may meet it, and the user can help: no reason of our own. */
const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/** Turns errors into replies as one version words and writes them. */
export class ErrorWriter<Context> {
  readonly #spec: DialectSpec<Context>;
  readonly #texts: readonly ErrorText[];
  readonly #bodies: readonly ErrorBody[];
  readonly #statuses: readonly StatusChange[];

  constructor(spec: DialectSpec<Context>, version: ApiVersion) {
    this.#spec = spec;
    this.#texts = changesAfter(spec.changes, version, 'errorText').toReversed();
    this.#bodies = changesAfter(spec.changes, version, 'errorBody').toReversed();
    this.#statuses = changesAfter(spec.changes, version, 'status');
  }

  reply(error: EngineError, place: ErrorPlace): Reply {
    const shown = this.#spec.presentError(error, place);
    const status = mapStatus(this.#statuses, place.route, shown.status);
    const view: ErrorView = { ...pick(error), path: place.params, shown };
    const text = this.#texts.find((change) => concerns(change, place.route, error.code));
    return this.write({ ...shown, status, ...text?.older(error.params, view) }, place.route, error.code);
  }

  /** Writes an error that is already in words. */
  write(shown: ShownError, route?: string, code?: string): Reply {
    if (hasNoBody(shown.status)) return { kind: 'empty', status: shown.status };
    const body = this.#bodies.find((change) => concerns(change, route, code));
    return (body?.older ?? this.#spec.errorReply)(shown);
  }
}

const pick = ({ kind, code, params }: EngineError) => ({ kind, code, params });

/** Changes of one kind that a version has not seen, newest first; those for given codes before others. */
export const changesAfter = <Kind extends Change['kind']>(
  changes: readonly Change[],
  version: ApiVersion,
  kind: Kind,
): Extract<Change, { kind: Kind }>[] =>
  changes
    .filter((change): change is Extract<Change, { kind: Kind }> => change.kind === kind)
    .filter((change) => knownVersion(change.in) > version)
    .toSorted((a, b) => knownVersion(b.in) - knownVersion(a.in) || narrowness(a) - narrowness(b));

const narrowness = (change: Change): number =>
  Number('codes' in change && change.codes !== undefined) +
  Number('routes' in change && change.routes !== undefined);

const concerns = (
  change: { readonly routes?: readonly string[]; readonly codes?: readonly string[] },
  route: string | undefined,
  code: string | undefined,
): boolean =>
  (change.routes === undefined || (route !== undefined && change.routes.includes(route))) &&
  (change.codes === undefined || (code !== undefined && change.codes.includes(code)));

/** The status of a route as an older version knew it. */
export const mapStatus = (
  changes: readonly StatusChange[],
  route: string | undefined,
  status: number,
): number =>
  changes
    .filter((change) => route !== undefined && change.routes.includes(route))
    .reduce((current, change) => change.map[current] ?? current, status);

export const hasNoBody = (status: number): boolean => status === 204 || status === 304;
