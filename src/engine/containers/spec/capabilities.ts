import type { HostConfig } from '#domain/container/config.ts';

/** In the kernel's order. */
export const ALL_CAPABILITIES: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE ' +
  'NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT ' +
  'SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE ' +
  'AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ ' +
  'PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** What a container gets when nothing is said: Docker's fourteen (docker-semantics.md 19). */
export const DEFAULT_CAPABILITIES: readonly string[] = (
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE ' +
  'SYS_CHROOT KILL AUDIT_WRITE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

export type CapabilityPlan = {
  /** In the kernel's order. */
  readonly granted: readonly string[];
  /** Names that no kernel knows, as the client wrote them. */
  readonly unknown: readonly string[];
  /** Asked for by name or by `privileged`, but the daemon itself does not hold them. */
  readonly withheld: readonly string[];
};

type CapabilityRequest = Pick<HostConfig, 'capAdd' | 'capDrop' | 'privileged'>;

/** What a container may do, given what it asked for and what the daemon holds itself. */
export const planCapabilities = (request: CapabilityRequest, held: readonly string[]): CapabilityPlan => {
  const add = request.capAdd.map(canonical);
  const drop = request.capDrop.map(canonical);
  const wanted = new Set(request.privileged ? ALL_CAPABILITIES : chosen(add, drop));
  const granted = ALL_CAPABILITIES.filter((name) => wanted.has(name) && held.includes(name));
  return {
    granted,
    unknown: unknownOf([...request.capAdd, ...request.capDrop]),
    withheld: ALL_CAPABILITIES.filter((name) => wanted.has(name) && !held.includes(name)),
  };
};

const chosen = (add: readonly string[], drop: readonly string[]): readonly string[] => {
  const base = add.includes('ALL') ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES;
  const kept = drop.includes('ALL') ? [] : base.filter((name) => !drop.includes(name));
  return [...kept, ...add.filter((name) => name !== 'ALL')];
};

const unknownOf = (names: readonly string[]): readonly string[] =>
  names.filter((name) => canonical(name) !== 'ALL' && !ALL_CAPABILITIES.includes(canonical(name)));

/** Clients write `net_admin`, `NET_ADMIN` or `CAP_NET_ADMIN`. */
const canonical = (name: string): string => {
  const upper = name.trim().toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
};
