import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerConfig, Healthcheck, HostConfig, RestartPolicy } from './config.ts';
import { HOST_GATEWAY, parseExtraHost } from './host-files.ts';
import { containerTarget } from './network-mode.ts';
import { parseHostPort, parsePort } from './ports.ts';
import { parseSignal } from './signals.ts';

const NS_PER_MS = 1e6;
const OOM_SCORE_LIMIT = 1000;

/** Settings that contradict themselves or mean nothing (docker-semantics.md 2.2, docker-modern.md 3.3). */
export const verifyConfig = (config: ContainerConfig): void => {
  if (config.workingDir !== '' && !config.workingDir.startsWith('/')) {
    throw engineError('config.working-dir', { path: config.workingDir });
  }
  if (config.stopSignal !== undefined && config.stopSignal !== '') parseSignal(config.stopSignal);
  if ((config.stopTimeoutSeconds ?? 0) < 0) {
    throw engineError('config.stop-timeout', { seconds: config.stopTimeoutSeconds ?? 0 });
  }
  if (config.macAddress !== '' && !isMacAddress(config.macAddress)) {
    throw engineError('config.mac-address', { address: config.macAddress });
  }
  verifyEnvironment(config.env);
  for (const port of config.exposedPorts) parsePort(port);
  if (config.healthcheck !== undefined) verifyHealthcheck(config.healthcheck);
};

const verifyEnvironment = (env: readonly string[]): void => {
  const entry = env.find((text) => text === '' || text.startsWith('='));
  if (entry !== undefined) throw engineError('config.environment', { entry });
};

const isMacAddress = (text: string): boolean => /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(text);

const verifyHealthcheck = (check: Healthcheck): void => {
  const durations = {
    interval: check.intervalNs,
    timeout: check.timeoutNs,
    'start period': check.startPeriodNs,
    'start interval': check.startIntervalNs,
  };
  for (const [field, value] of Object.entries(durations)) {
    if (value !== 0 && value < NS_PER_MS) throw engineError('config.health', { field });
  }
  if (check.retries < 0) throw engineError('config.health', { field: 'retries' });
};

export const verifyHost = (host: HostConfig): void => {
  for (const [key, bindings] of Object.entries(host.portBindings)) {
    parsePort(key);
    for (const { hostIp, hostPort } of bindings) {
      parseHostPort(hostPort);
      if (!isAddressOrEmpty(hostIp)) throw engineError('config.host-ip', { address: hostIp });
    }
  }
  if (Object.hasOwn(host.annotations, '')) throw engineError('config.annotation');
  host.extraHosts.forEach(verifyExtraHost);
  verifyRestartPolicy(host.restartPolicy);
  if (host.autoRemove && host.restartPolicy.name !== '' && host.restartPolicy.name !== 'no') {
    throw engineError('config.auto-remove-and-restart');
  }
  if (host.shmSizeBytes < 0) throw engineError('memory.shm-size');
  if (Math.abs(host.oomScoreAdj) > OOM_SCORE_LIMIT)
    throw engineError('memory.oom-score', { value: host.oomScoreAdj });
  verifyNamespaces(host);
  verifyDevices(host);
  verifySysctls(host);
  verifyAbsent(host);
};

/** Coarse: the network says no to what only looks like an address. */
const isAddressOrEmpty = (text: string): boolean =>
  /^[\d.]*$/.test(text) || /^\[?[0-9a-f:.]+\]?$/i.test(text);

const verifyExtraHost = (entry: string): void => {
  const { name, address } = parseExtraHost(entry);
  const isGood = name !== '' && (address === HOST_GATEWAY || (address !== '' && isAddressOrEmpty(address)));
  if (!isGood) throw engineError('config.extra-host', { entry });
};

const POLICIES: ReadonlySet<string> = new Set(['', 'no', 'always', 'on-failure', 'unless-stopped']);

export const verifyRestartPolicy = ({ name, maximumRetryCount }: RestartPolicy): void => {
  if (!POLICIES.has(name)) throw engineError('config.restart-policy', { policy: name });
  if (maximumRetryCount < 0 || (maximumRetryCount > 0 && name !== 'on-failure'))
    throw engineError('config.retry-count');
};

const IPC_MODES: ReadonlySet<string> = new Set(['', 'host', 'private', 'shareable', 'none']);

const verifyNamespaces = (host: HostConfig): void => {
  verifyMode('ipc', host.ipcMode, IPC_MODES, true);
  verifyMode('pid', host.pidMode, new Set(['', 'host']), true);
  verifyMode('uts', host.utsMode, new Set(['', 'host']), false);
  verifyMode('cgroup', host.cgroupnsMode, new Set(['', 'host', 'private']), false);
  if (host.usernsMode !== '' && host.usernsMode !== 'host') {
    throw engineError('config.user-namespace', { mode: host.usernsMode });
  }
  if (!['', 'default', 'process'].includes(host.isolation)) {
    throw engineError('config.isolation', { isolation: host.isolation });
  }
};

const verifyMode = (namespace: string, mode: string, known: ReadonlySet<string>, canJoin: boolean): void => {
  const target = containerTarget(mode);
  const isGood = target === undefined ? known.has(mode) : canJoin && target !== '';
  if (!isGood) throw engineError('namespace-mode.invalid', { namespace, mode });
};

const verifyDevices = (host: HostConfig): void => {
  for (const { cgroupPermissions } of host.devices) {
    if (!/^[rwm]{0,3}$/.test(cgroupPermissions))
      throw engineError('config.device', { permissions: cgroupPermissions });
  }
  for (const { name, soft, hard } of host.ulimits) {
    if (hard >= 0 && (soft > hard || soft < 0)) throw engineError('ulimit.invalid', { name, soft, hard });
  }
};

/** Only what a namespace of the container's own holds may be set. */
const verifySysctls = (host: HostConfig): void => {
  for (const name of Object.keys(host.sysctls)) {
    const isNetwork = name.startsWith('net.');
    const isIpc =
      name.startsWith('fs.mqueue.') ||
      /^kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$/.test(name);
    if (!isNetwork && !isIpc && name !== 'kernel.domainname') {
      throw engineError('config.sysctl', { name, reason: 'it is not separate for each container' });
    }
    if (isNetwork && host.networkMode === 'host')
      throw engineError('config.sysctl', { name, reason: 'it shares the network of the host' });
    if (isIpc && host.ipcMode === 'host')
      throw engineError('config.sysctl', { name, reason: 'it shares the IPC of the host' });
  }
};

/** Asked for and not to be had here: better said at once than ignored. */
const verifyAbsent = (host: HostConfig): void => {
  const [request] = host.deviceRequests;
  if (request !== undefined) {
    const { Driver: driver, Capabilities: sets } = request;
    throw engineError('config.device-request', {
      driver: typeof driver === 'string' ? driver : '',
      capabilities: `[${(Array.isArray(sets) ? sets : []).map((set) => `[${[set].flat().join(' ')}]`).join(' ')}]`,
    });
  }
  const [option] = Object.keys(host.storageOpt);
  if (option !== undefined) throw engineError('config.storage-option', { option });
};
