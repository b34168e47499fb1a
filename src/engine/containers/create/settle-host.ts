import { cgroupnsModeOf } from '#domain/container/cgroup-namespace.ts';
import type { ContainerConfig, HostConfig } from '#domain/container/config.ts';
import { resolveLogConfig } from '#domain/container/log/config.ts';
import { containerTarget, verifyNetworkMode } from '#domain/container/network-mode.ts';
import { verifyResources } from '#domain/container/verify-resources.ts';
import { verifyConfig, verifyHost } from '#domain/container/verify-settings.ts';
import type { Habits } from '#domain/container/habits.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import { planCapabilities } from '#engine/containers/spec/capabilities.ts';
import { parseDeviceRule } from '#engine/containers/spec/devices.ts';
import { planRlimits } from '#engine/containers/spec/rlimits.ts';
import { parseSecurityOptions } from '#engine/containers/spec/security-options.ts';
import type { ContainerContext } from '#engine/containers/context.ts';

type Needs = Pick<ContainerContext, 'machine' | 'settings' | 'records'>;

export type SettleOptions = {
  readonly strictNetworkMode?: boolean;
  readonly habits?: Habits | undefined;
  /** Whose configuration it is. */
  readonly self: { readonly id: ContainerId; readonly name: string };
};

/**
 * A host configuration fit to be stored: checked in the order of docker-semantics.md 2, defaults
 * filled in, limits dropped that this machine cannot keep (each with a warning).
 */
export const settleHost = (
  world: Needs,
  config: ContainerConfig,
  wanted: HostConfig,
  options: SettleOptions,
): { host: HostConfig; warnings: string[] } => {
  const { facts } = world.machine;
  verifyNetworkMode(config, wanted, { strict: options.strictNetworkMode === true });
  verifyConfig(config);
  verifyHost(wanted);
  verifyRuntime(wanted.runtime);
  const limits = verifyResources(wanted.resources, {
    ...facts.cgroup,
    cgroupVersion: facts.cgroup.version,
    cpus: facts.cpus,
    leastMemoryBytes: options.habits?.leastMemoryBytes,
    ...(facts.memoryNodes === undefined ? {} : { memoryNodes: facts.memoryNodes }),
  });
  const logConfig = resolveLogConfig(wanted.logConfig, {
    type: world.settings.defaultLogDriver,
    config: world.settings.defaultLogOptions,
  });
  parseSecurityOptions(wanted.securityOpt);
  wanted.deviceCgroupRules.forEach(parseDeviceRule);
  const host: HostConfig = {
    ...wanted,
    resources: limits.resources,
    logConfig,
    networkMode: withTargetId(world, wanted.networkMode === '' ? 'default' : wanted.networkMode, options),
    ipcMode: withTargetId(world, wanted.ipcMode === '' ? 'private' : wanted.ipcMode, options),
    pidMode: withTargetId(world, wanted.pidMode, options),
    cgroupnsMode: cgroupnsModeOf(wanted, facts.cgroup.version),
  };
  return { host, warnings: [...limits.warnings, ...rightsWarnings(wanted, facts)] };
};

const RUNTIMES: readonly string[] = ['', 'crun', 'runc', 'io.containerd.runc.v2'];

/** Names that clients copy from other engines' answers mean ours. */
const verifyRuntime = (runtime: string): void => {
  if (!RUNTIMES.includes(runtime)) throw engineError('config.runtime', { runtime });
};

/** `container:NAME` becomes `container:ID`: names may change hands. The name may be its own, which is refused at start. */
const withTargetId = (
  { records }: Pick<Needs, 'records'>,
  mode: string,
  { habits, self }: SettleOptions,
): string => {
  const target = containerTarget(mode);
  if (target === undefined) return mode;
  if (target !== '' && target.replace(/^\//u, '') === self.name) return `container:${self.id}`;
  try {
    return `container:${records.idOf(target)}`;
  } catch (error) {
    if (habits?.lateTargets === true && isEngineError(error, 'not-found')) return mode;
    throw error;
  }
};

const withPrefix = (name: string): string => `CAP_${name.toUpperCase().replace(/^CAP_/u, '')}`;

const rightsWarnings = (host: HostConfig, facts: MachineFacts): string[] => {
  const plan = planCapabilities(host, facts.capabilities);
  const [unknown] = plan.unknown;
  if (unknown !== undefined) {
    const list = host.capAdd.includes(unknown) ? 'CapAdd' : 'CapDrop';
    throw engineError('capability.unknown', { name: withPrefix(unknown), list });
  }
  const withheld =
    plan.withheld.length === 0
      ? []
      : [`The daemon does not hold ${plan.withheld.join(', ')}: the container runs without.`];
  return [...withheld, ...planRlimits(host.ulimits, facts.hardLimits).warnings];
};
