import type { Reply } from '#api/http/reply.ts';
import type { ErrorKind, ErrorParams } from '#domain/error/engine-error.ts';
import type { Static, TSchema } from 'typebox';

// A change is checked against its schema by its builder; afterwards its argument's type is forgotten.
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

/** What every change says about itself. */
export type ChangeNote = {
  readonly id: string;
  /** The version that brought the newer form; versions before it see the older one. */
  readonly in: string;
  readonly why: string;
  /** Where this is known from: a document, a changelog line, a recorded answer. */
  readonly source: string;
};

type Examples<Example> = { readonly examples: readonly [Example, ...Example[]] };

/** An error as it is about to be written. */
export type ShownError = { readonly status: number; readonly message: string };

/** An error on its way out, as changes of wording see it. */
export type ErrorView = {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly params: ErrorParams;
  /** Parameters of the path as the client sent them. */
  readonly path: Readonly<Record<string, string>>;
  /** Status and words of today. */
  readonly shown: ShownError;
};

export type Reshape = ChangeNote &
  Examples<{ readonly newer: unknown; readonly older: unknown; readonly only?: 'down' | 'up' }> & {
    readonly kind: 'reshape';
    /** `$id` of the schema. */
    readonly on: string;
    readonly older: TSchema;
    readonly spread: boolean;
    readonly down?: (newer: Loose) => unknown;
    readonly up?: (older: Loose) => unknown;
  };

export type Defaulted = ChangeNote &
  Examples<{ readonly older: unknown; readonly newer: unknown }> & {
    readonly kind: 'defaulted';
    readonly on: string;
    readonly up: (request: Loose) => unknown;
  };

export type Refused = ChangeNote &
  Examples<{ readonly older: unknown; readonly text: string | undefined }> & {
    readonly kind: 'refused';
    readonly on: string;
    readonly when: (request: Loose) => string | undefined;
  };

export type StatusChange = ChangeNote &
  Examples<{ readonly newer: number; readonly older: number }> & {
    readonly kind: 'status';
    readonly routes: readonly string[];
    readonly map: Readonly<Record<number, number>>;
  };

export type ErrorText = ChangeNote &
  Examples<{
    readonly params: ErrorParams;
    readonly path?: Readonly<Record<string, string>>;
    readonly older: Partial<ShownError>;
  }> & {
    readonly kind: 'errorText';
    readonly routes?: readonly string[];
    readonly codes?: readonly string[];
    readonly older: (params: ErrorParams, view: ErrorView) => Partial<ShownError>;
  };

export type ErrorBody = ChangeNote &
  Examples<{ readonly newer: ShownError; readonly older: Reply }> & {
    readonly kind: 'errorBody';
    readonly routes?: readonly string[];
    readonly codes?: readonly string[];
    readonly older: (error: ShownError) => Reply;
  };

/** What one reply looks like in an example of framing. */
export type ReplySample = {
  readonly contentType?: string;
  readonly frames?: readonly unknown[];
  readonly text?: string;
  readonly terminator?: string;
  readonly start?: 'at-once' | 'with-first';
};

export type Framing = ChangeNote &
  Examples<{ readonly newer: ReplySample; readonly older: ReplySample }> & {
    readonly kind: 'framing';
    readonly routes: readonly string[];
    readonly older: (reply: Reply) => Reply;
  };

export type Address = ChangeNote &
  Examples<{ readonly older: string; readonly params?: Readonly<Record<string, string>> }> & {
    readonly kind: 'address';
    readonly route: string;
    readonly method?: string;
    readonly path: string;
    /** The older address exists from this version on. */
    readonly since?: string;
  };

export type Change = Reshape | Defaulted | Refused | StatusChange | ErrorText | ErrorBody | Framing | Address;

type Spread<Form, Many> = Many extends true ? readonly Form[] : Form;

/**
 * A schema had another shape. `down` serves replies, `up` requests; a change may have either or both.
 * `older` is a whole schema, or `amend(schema, members)` when only some members differed. With
 * `spread` one value becomes several (or none) in the list or stream that holds it.
 */
export const reshape = <Newer extends TSchema, Older extends TSchema, Many extends boolean = false>(
  spec: ChangeNote & {
    readonly on: Newer;
    readonly older: Older;
    readonly spread?: Many;
    readonly down?: (newer: Static<Newer>) => Spread<Static<Older>, Many>;
    readonly up?: (older: Static<Older>) => Static<Newer>;
    readonly examples: Reshape['examples'];
  },
): Reshape & { readonly older: Older } => ({
  ...spec,
  kind: 'reshape',
  on: idOf(spec.on, spec.id),
  spread: spec.spread === true,
});

/** Silence of older requests meant something else: `up` writes it out. Bodies, queries, headers. */
export const defaulted = <Schema extends TSchema>(
  spec: ChangeNote & {
    readonly on: Schema;
    readonly up: (request: Static<Schema>) => Static<Schema>;
    readonly examples: Defaulted['examples'];
  },
): Defaulted => ({ ...spec, kind: 'defaulted', on: idOf(spec.on, spec.id) });

/** Older versions refused what is allowed now: `when` gives the text, or undefined to let it pass. */
export const refused = <Schema extends TSchema>(
  spec: ChangeNote & {
    readonly on: Schema;
    readonly when: (request: Static<Schema>) => string | undefined;
    readonly examples: Refused['examples'];
  },
): Refused => ({ ...spec, kind: 'refused', on: idOf(spec.on, spec.id) });

/** Routes answered another code. A reply that becomes 204 or 304 loses its body. */
export const status = (spec: Omit<StatusChange, 'kind'>): StatusChange => ({ ...spec, kind: 'status' });

/** An error had other words or another status. */
export const errorText = (spec: Omit<ErrorText, 'kind'>): ErrorText => ({ ...spec, kind: 'errorText' });

/** Errors were written differently. */
export const errorBody = (spec: Omit<ErrorBody, 'kind'>): ErrorBody => ({ ...spec, kind: 'errorBody' });

/** The bytes around the values differed: content type, terminator, text instead of frames. */
export const framing = (spec: Omit<Framing, 'kind'>): Framing => ({ ...spec, kind: 'framing' });

/** A route had another method or path before. */
export const address = (spec: Omit<Address, 'kind'>): Address => ({ ...spec, kind: 'address' });

const idOf = (schema: TSchema, change: string): string => {
  const id = '$id' in schema ? schema.$id : undefined;
  if (typeof id !== 'string') throw new TypeError(`change ${change} is on a schema without $id`);
  return id;
};
