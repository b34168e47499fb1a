import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import type { EngineError } from '#domain/error/engine-error.ts';
import type { TSchema } from 'typebox';
import type { Change, ShownError } from './change.ts';
import type { Lifetime } from './lifetime.ts';
import type { Route } from './route.ts';

/** What became of a request, for headers that are not on every answer. */
export type Outcome = 'accepted' | 'refused' | 'unknown-route' | 'hijacked';

export type ReplyHeader<Context> = {
  readonly name: string;
  /** `undefined` leaves the header out. */
  readonly value: string | ((context: Context, request: HttpRequest) => string | undefined);
  /** Versions that have it. Default: all. */
  readonly alive?: Lifetime;
  readonly except?: readonly Outcome[];
  /** The first version whose hijacked answers have it. Default: all. */
  readonly hijackedSince?: string;
};

/** Where an error arose. */
export type ErrorPlace = {
  /** Absent when no route was found or the version was refused. */
  readonly route?: string;
  readonly params: Readonly<Record<string, string>>;
  readonly http: HttpRequest;
};

/** One API as data. */
export type DialectSpec<Context> = {
  readonly name: string;
  readonly versions: {
    readonly oldest: string;
    readonly newest: string;
    /** Every version, where they are not one row of minor numbers. */
    readonly all?: readonly string[];
  };
  /** Finds the version at the start of a path: group 1 is its text. Absent: paths carry no version. */
  readonly prefix?: RegExp;
  /**
   * For clients that do not say their version in the path, or say it wrongly there: the version to serve
   * instead of `sent` (the text of the prefix, `''` without one). `undefined`, or no version: what was
   * sent counts. Never asked whether a connection may be hijacked: there the path alone decides.
   */
  readonly versionOf?: (sent: string, request: HttpRequest) => string | undefined;
  /** Answers to versions outside the range. Absent: the nearest version serves them. */
  readonly refuse?: {
    readonly tooNew?: (sent: string) => ShownError;
    readonly tooOld?: (sent: string) => ShownError;
  };
  readonly notFound: ShownError;
  readonly routes: readonly Route<Context>[];
  readonly changes: readonly Change[];
  /** Schemas that only a `$ref` names. */
  readonly schemas?: readonly TSchema[];
  readonly headers?: readonly ReplyHeader<Context>[];
  /** A path that leads nowhere is tried again without empty and dot segments, as routers once redirected there. */
  readonly cleansPaths?: boolean;
  /** The first version that refuses what follows a JSON body; absent: all take the first value and ignore the rest. */
  readonly bodiesEndSince?: string;
  /** Status and words of an error in the newest version. */
  readonly presentError: (error: EngineError, place: ErrorPlace) => ShownError;
  /** How the newest version writes an error. */
  readonly errorReply: (error: ShownError) => Reply;
};
