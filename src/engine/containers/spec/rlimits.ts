import { EngineError } from '#domain/error/engine-error.ts';
import type { Ulimit } from '#domain/container/config.ts';
import type { RuntimeProcessSpec } from '#formats/oci-runtime/spec.ts';

type Rlimit = NonNullable<RuntimeProcessSpec['rlimits']>[number];

const NAMES =
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  );

/** The runtime reads an unsigned 64-bit number; JSON in Node only writes doubles, and 2^63 is "no limit" enough. */
const UNLIMITED = 2 ** 63;

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
    const ceiling = own?.[name] ?? UNLIMITED;
    const wanted = hard < 0 ? UNLIMITED : hard;
    if (wanted > ceiling)
      warnings.push(`The daemon may not raise the limit ${name} above ${ceiling}. It is set to that.`);
    const granted = Math.min(wanted, ceiling);
    return {
      type: `RLIMIT_${name.toUpperCase()}`,
      hard: granted,
      soft: Math.min(soft < 0 ? UNLIMITED : soft, granted),
    };
  });
  return { rlimits, warnings };
};
