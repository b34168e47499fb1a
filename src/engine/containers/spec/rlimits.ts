import { EngineError } from '#domain/error/engine-error.ts';
import type { Ulimit } from '#domain/container/config.ts';
import type { RuntimeProcessSpec } from '#formats/oci-runtime/spec.ts';
import { exactInteger, UINT64_MAX } from '#lib/exact-json.ts';

type Rlimit = NonNullable<RuntimeProcessSpec['rlimits']>[number];

const NAMES =
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  );

/** RLIM_INFINITY: one less, or 2^63, is a limit. */
const UNLIMITED = UINT64_MAX;

/**
 * Ulimits as rlimits. Without CAP_SYS_RESOURCE a limit above the daemon's own would make the start fail, so it is
 * cut to what the daemon has, with a warning. Throws `invalid` `ulimit.unknown` {name}.
 */
export const planRlimits = (
  ulimits: readonly Ulimit[],
  own: Readonly<Record<string, number>> | undefined,
): { rlimits: Rlimit[]; warnings: string[] } => {
  const warnings: string[] = [];
  const rlimits = ulimits.map(({ name, soft, hard }) => {
    if (!NAMES.includes(name)) {
      throw new EngineError('invalid', 'ulimit.unknown', `invalid ulimit type: ${name}`, {
        params: { name },
      });
    }
    const ceiling = own?.[name] === undefined ? UNLIMITED : toLimit(own[name]);
    const wanted = toLimit(hard);
    if (wanted > ceiling)
      warnings.push(`The daemon may not raise the limit ${name} above ${ceiling}. It is set to that.`);
    const granted = least(wanted, ceiling);
    return { type: `RLIMIT_${name.toUpperCase()}`, hard: granted, soft: least(toLimit(soft), granted) };
  });
  return { rlimits, warnings };
};

/** Less than none is no limit. */
const toLimit = (value: number): bigint => (value < 0 ? UNLIMITED : BigInt(exactInteger(value)));

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
