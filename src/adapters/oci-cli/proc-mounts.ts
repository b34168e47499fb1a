import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { RuntimeMount, RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import { parseMountInfo } from '#adapters/libc/mounts.ts';
import type { MountInfo } from '#adapters/libc/mounts.ts';

const PROC = '/proc';

/** Files that show a container its own limits in place of the machine's facts: lxcfs mounts them. */
const REPLACEABLE = new Set(
  'cpuinfo diskstats meminfo stat swaps uptime loadavg slabinfo net/dev sys/kernel/ns_last_pid sys/crypto/fips_enabled'
    .split(' ')
    .map((name) => `${PROC}/${name}`),
);

/**
 * Mounts over /proc and into it undo what protects the machine there. crun makes them as asked, so that they are
 * refused here, in runc's words. Throws `invalid` `runtime.create`.
 */
export const refuseProcMounts = ({ mounts }: RuntimeSpec): void => {
  for (const mount of mounts) {
    const place = posix.normalize(`/${mount.destination}`).replace(/(.)\/$/u, '$1');
    if (place === PROC && !isProc(mount)) throw refusal(mount.source, mount.destination, NOT_PROC);
    if (place.startsWith(`${PROC}/`) && !REPLACEABLE.has(place))
      throw refusal(mount.source, mount.destination, INSIDE);
  }
};

const INSIDE = 'cannot be mounted because it is inside /proc';
const NOT_PROC = 'cannot be mounted because it is not of type proc';

const isProc = ({ type, source }: RuntimeMount): boolean =>
  type === 'proc' || posix.normalize(source).replace(/\/$/u, '') === PROC;

const refusal = (source: string, destination: string, why: string): EngineError => {
  const detail = `error mounting "${source}" to rootfs at "${destination}": "${destination}" ${why}`;
  return new EngineError('invalid', 'runtime.create', detail, { params: { detail } });
};

/**
 * Looks at what a container that has not begun really sees: links in its image or its volumes may have led a mount into
 * /proc. Throws as `refuseProcMounts`.
 */
export const refuseProcMountsOf = (spec: RuntimeSpec, pid: number): void => {
  if (!spec.mounts.some(isForeign)) return;
  const seen = parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
  const astray = findAstray(seen, spec.linux?.maskedPaths ?? []);
  if (astray === undefined) return;
  throw refusal(astray.source, astray.mountPoint, astray.mountPoint === PROC ? NOT_PROC : INSIDE);
};

/** The first mount at or below /proc that is neither proc itself nor what hides a part of it. */
export const findAstray = (seen: readonly MountInfo[], masked: readonly string[]): MountInfo | undefined => {
  const hiding = new Set(masked);
  return seen.find(({ mountPoint, type, root }) => {
    if (mountPoint !== PROC && !mountPoint.startsWith(`${PROC}/`)) return false;
    if (type === 'proc' || REPLACEABLE.has(mountPoint)) return false;
    const hides = hiding.has(mountPoint) && (root === '/null' || type === 'tmpfs');
    // What lies over a hidden path was put there first, and once.
    return !hides || seen.filter((other) => other.mountPoint === mountPoint).length > 1;
  });
};

const OURS = new Set(['proc', 'sysfs', 'devpts', 'mqueue', 'cgroup']);
const OUR_PLACES = new Set(
  '/dev /dev/shm /sys /etc/hosts /etc/hostname /etc/resolv.conf /sbin/docker-init'.split(' '),
);

const isForeign = ({ type, destination }: RuntimeMount): boolean =>
  !OURS.has(type) && !OUR_PLACES.has(destination);
