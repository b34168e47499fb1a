import { knownVersion, type ApiVersion } from './version.ts';

/** Alive from the first version on, up to but without the second. */
export type Window = readonly [from: ApiVersion, until: ApiVersion];

/** A schema option: in which versions a member, parameter or header exists. */
export type Lifetime = { readonly 'x-alive': readonly Window[] };

/** A schema option: versions in which a value is refused instead of ignored. */
export type Refusal = {
  readonly 'x-refuse': { readonly windows: readonly Window[]; readonly text: string };
};

/** A schema option: versions in which an unreadable parameter counts as absent. */
export type Lenience = { readonly 'x-lenient': readonly Window[] };

const ALWAYS: Window = [0, Number.POSITIVE_INFINITY];

/** Exists from this version on. */
export const since = (version: string): Lifetime => ({
  'x-alive': [[knownVersion(version), ALWAYS[1]]],
});

/** Exists before this version, and no longer in it. */
export const until = (version: string): Lifetime => ({
  'x-alive': [[ALWAYS[0], knownVersion(version)]],
});

const cross = ([fromA, untilA]: Window, [fromB, untilB]: Window): Window[] => {
  const from = Math.max(fromA, fromB);
  const end = Math.min(untilA, untilB);
  return from < end ? [[from, end]] : [];
};

/** All conditions hold: `alive(since('1.4'), until('1.6'))`. */
export const alive = (...parts: readonly Lifetime[]): Lifetime => ({
  'x-alive': parts.reduce<readonly Window[]>(
    (windows, part) => windows.flatMap((left) => part['x-alive'].flatMap((right) => cross(left, right))),
    [ALWAYS],
  ),
});

/** Any condition holds: `either(alive(since('1.4'), until('1.6')), since('1.9'))`. */
export const either = (...parts: readonly Lifetime[]): Lifetime => ({
  'x-alive': parts.flatMap((part) => part['x-alive']),
});

/** Before this version a value sent for it is an error with this text, not ignored. Implies `since`. */
export const refuseBefore = (version: string, text: string): Refusal => ({
  'x-refuse': { windows: until(version)['x-alive'], text },
});

/** From this version on a value sent for it is an error with this text. Implies `until`. */
export const refuseSince = (version: string, text: string): Refusal => ({
  'x-refuse': { windows: since(version)['x-alive'], text },
});

/** A parameter that cannot be read counts as absent: always, or in some versions only. */
export const lenient = (when: Lifetime = { 'x-alive': [ALWAYS] }): Lenience => ({
  'x-lenient': when['x-alive'],
});

export const isInside = (windows: readonly Window[], version: ApiVersion): boolean =>
  windows.some(([from, end]) => from <= version && version < end);
