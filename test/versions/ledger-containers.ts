import type { LedgerEntry } from './ledger.ts';

type Row = readonly [line: string, ...by: [string, ...string[]]];

const rows = (version: string, ...table: readonly Row[]): LedgerEntry[] =>
  table.map(([line, ...by]) => ({ in: version, line, by }));

const notOurs = (version: string, line: string, reason: string): LedgerEntry => ({
  in: version,
  line,
  notOurs: reason,
});

/** Archives of a container's files. */
const FILES: readonly LedgerEntry[] = [
  ...rows('1.4', ['copy out of a container', 'route:container-copy']),
  ...rows(
    '1.20',
    [
      'archives replace copy',
      'route:container-archive-stat',
      'route:container-archive-get',
      'route:container-archive-put',
    ],
    ['content type of copy', 'change:copy-without-tar-type'],
  ),
  ...rows('1.22', ['owners as in the archive', 'change:archive-put-owned-by-root']),
  ...rows('1.24', ['copy is gone', 'route:container-copy']),
  ...rows('1.30', ['owner of what is put', 'PutArchiveQuery.copyUIDGID']),
];

/** Rows of docker-shapes.md 23 and docker-routes.md that concern containers and execs, by the version that brought them. */
const ERA: readonly LedgerEntry[] = [
  ...rows(
    '1.2',
    ['sizes in the list', 'ContainerItem.SizeRw', 'ContainerItem.SizeRootFs', 'ContainersQuery.size'],
    ['IPAddress beside IpAddress, ID beside Id', 'NetworkSettingsAnswer.IPAddress', 'ContainerAnswer.ID'],
  ),
  ...rows(
    '1.3',
    ['VolumesRW', 'ContainerAnswer.VolumesRW'],
    ['Entrypoint in Config', 'ConfigAnswer.Entrypoint'],
  ),
  ...rows(
    '1.4',
    ['PortMapping by protocol', 'change:network-mapping-flat'],
    ['udp in the list', 'change:container-list-ports-without-protocol'],
    [
      'WorkingDir, NetworkDisabled, Privileged in Config',
      'ConfigAnswer.WorkingDir',
      'ConfigAnswer.NetworkDisabled',
      'ConfigAnswer.Privileged',
    ],
  ),
  ...rows(
    '1.5',
    ['ports as objects', 'change:container-list-ports-as-text'],
    [
      'HostnamePath, HostsPath, Domainname',
      'ContainerAnswer.HostnamePath',
      'ContainerAnswer.HostsPath',
      'ConfigAnswer.Domainname',
    ],
    ['attach over a websocket', 'route:container-attach-socket'],
  ),
  ...rows(
    '1.6',
    ['names', 'ContainerItem.Names', 'ContainerAnswer.Name', 'CreateQuery.name'],
    [
      'exposed ports in the list, and their address',
      'change:container-list-published-ports-only',
      'PortAnswer.IP',
    ],
    ['Ports instead of PortMapping', 'NetworkSettingsAnswer.Ports', 'change:network-mapping-by-protocol'],
    [
      'FinishedAt; ExposedPorts; no Privileged in Config',
      'StateAnswer.FinishedAt',
      'ConfigAnswer.ExposedPorts',
      'ConfigAnswer.Privileged',
    ],
    [
      'attach is framed and waits for a run to come',
      'change:attach-is-raw-and-ends-with-its-run',
      'change:attach-socket-ends-with-its-run',
    ],
    ['kill with a signal, links of rm', 'KillQuery.signal', 'RemoveQuery.link'],
  ),
  ...rows('1.7', ['ids of 64 digits in answers', 'change:create-short-id']),
  ...rows('1.8', [
    'HostConfig, Driver; no SysInitPath',
    'ContainerAnswer.HostConfig',
    'ContainerAnswer.Driver',
    'ContainerAnswer.SysInitPath',
  ]),
  ...rows(
    '1.9',
    [
      'sizes only when asked for; port members left out',
      'change:container-list-sizes-always',
      'change:port-all-members',
    ],
    ['OnBuild', 'ConfigAnswer.OnBuild'],
    ['Warnings always', 'change:create-warnings-left-out'],
    ['stop with a negative time waits for ever', 'change:stop-without-time-waits-ten-seconds'],
  ),
  ...rows(
    '1.10',
    ['commands are quoted', 'change:container-list-plain-command'],
    [
      'Dns and VolumesFrom move to HostConfig',
      'ConfigAnswer.Dns',
      'ConfigAnswer.VolumesFrom',
      'HostConfigAnswer.Dns',
      'HostConfigAnswer.VolumesFrom',
    ],
    [
      'ExecDriver; force of rm',
      'ContainerAnswer.ExecDriver',
      'RemoveQuery.force',
      'change:container-running-before-1.10',
    ],
  ),
  ...rows(
    '1.11',
    ['Exited (N) instead of Exit N', 'change:container-list-exit-words'],
    [
      'no Ghost; labels of security; NetworkMode',
      'StateAnswer.Ghost',
      'ContainerAnswer.MountLabel',
      'ContainerAnswer.ProcessLabel',
      'HostConfigAnswer.NetworkMode',
    ],
    ['logs', 'route:container-logs'],
    ['start of what runs is no error', 'change:container-already-running-container-start-before-1.11'],
    ['no conflict between names of containers and images', 'change:inspect-minds-image-names'],
  ),
  ...rows(
    '1.12',
    ['unpublished ports are private', 'change:port-exposed-as-public'],
    [
      'Id alone; no IpAddress; Paused; Cpuset',
      'ContainerAnswer.ID',
      'NetworkSettingsAnswer.IpAddress',
      'StateAnswer.Paused',
      'ConfigAnswer.Cpuset',
    ],
    ['pause and unpause', 'route:container-pause', 'route:container-unpause'],
    ['words before an error in attach', 'change:attach-errors-begin-with-error'],
  ),
  ...rows(
    '1.13',
    ['304 of start and stop', 'change:start-and-stop-are-never-unchanged'],
    ['tail of logs', 'LogsQuery.tail'],
  ),
  ...rows(
    '1.14',
    ['filters of the list', 'ContainersQuery.filters'],
    [
      'Restarting; Devices, CapAdd, CapDrop, RestartPolicy',
      'StateAnswer.Restarting',
      'HostConfigAnswer.Devices',
      'HostConfigAnswer.CapAdd',
      'HostConfigAnswer.CapDrop',
      'HostConfigAnswer.RestartPolicy',
    ],
    ['removing what runs is 500', 'change:container-running-before-1.14'],
    ['log times in RFC 3339', 'change:log-times-bracketed'],
  ),
  ...rows(
    '1.15',
    ['execs', 'route:exec-create', 'route:exec-start', 'route:exec-resize'],
    [
      'AppArmorProfile, MacAddress; ExtraHosts, SecurityOpt',
      'ContainerAnswer.AppArmorProfile',
      'NetworkSettingsAnswer.MacAddress',
      'HostConfigAnswer.ExtraHosts',
      'HostConfigAnswer.SecurityOpt',
    ],
    ['log times have nine digits', 'change:log-times-trimmed'],
  ),
  ...rows(
    '1.16',
    ['exec inspect', 'route:exec-inspect'],
    [
      'OOMKilled, Error; MacAddress; IpcMode',
      'StateAnswer.OOMKilled',
      'StateAnswer.Error',
      'ConfigAnswer.MacAddress',
      'HostConfigAnswer.IpcMode',
    ],
  ),
  ...rows(
    '1.17',
    ['rename', 'route:container-rename'],
    [
      'ExecIDs, RestartCount, IPv6 members; PidMode, ReadonlyRootfs',
      'ContainerAnswer.ExecIDs',
      'ContainerAnswer.RestartCount',
      'NetworkSettingsAnswer.IPv6Gateway',
      'HostConfigAnswer.PidMode',
      'HostConfigAnswer.ReadonlyRootfs',
    ],
    ['removing what runs is 409', 'change:container-running-before-1.17'],
  ),
  notOurs('1.17', '101 instead of 200 on hijack', "chosen by the client's Upgrade header, in api/http"),
  ...rows(
    '1.18',
    ['Labels', 'ContainerItem.Labels', 'ConfigAnswer.Labels'],
    ['Image of the list is the reference of create', 'change:container-list-image-by-any-tag'],
    [
      'LogPath, Dead; limits, Ulimits, LogConfig, CgroupParent',
      'ContainerAnswer.LogPath',
      'StateAnswer.Dead',
      'HostConfigAnswer.Memory',
      'HostConfigAnswer.Ulimits',
      'HostConfigAnswer.LogConfig',
      'HostConfigAnswer.CgroupParent',
    ],
    ['no such id', 'change:container-not-found-before-1.18'],
  ),
  ...rows(
    '1.19',
    ['commands without double quotes, images without latest', 'change:container-list-quoted-command'],
    [
      'CPU quota, OomKillDisable, UTSMode',
      'HostConfigAnswer.CpuPeriod',
      'HostConfigAnswer.CpuQuota',
      'HostConfigAnswer.CpusetMems',
      'HostConfigAnswer.BlkioWeight',
      'HostConfigAnswer.OomKillDisable',
      'HostConfigAnswer.UTSMode',
    ],
    [
      'sandbox members of the network',
      'NetworkSettingsAnswer.SandboxKey',
      'NetworkSettingsAnswer.EndpointID',
      'NetworkSettingsAnswer.HairpinMode',
    ],
    ['CPU shares are not clamped', 'change:create-clamps-cpu-shares'],
    ['since of logs', 'LogsQuery.since'],
  ),
  ...rows(
    '1.20',
    [
      'Mounts instead of Volumes',
      'ContainerAnswer.Mounts',
      'ContainerAnswer.Volumes',
      'ContainerAnswer.VolumesRW',
    ],
    ['GraphDriver; HostConfig in the list', 'ContainerAnswer.GraphDriver', 'ContainerItem.HostConfig'],
    [
      'limits leave Config',
      'ConfigAnswer.Memory',
      'ConfigAnswer.MemorySwap',
      'ConfigAnswer.CpuShares',
      'ConfigAnswer.Cpuset',
      'ConfigAnswer.PortSpecs',
    ],
    [
      'MemorySwappiness, GroupAdd, ConsoleSize',
      'HostConfigAnswer.MemorySwappiness',
      'HostConfigAnswer.GroupAdd',
      'HostConfigAnswer.ConsoleSize',
    ],
    ['Created as a status', 'change:container-list-no-word-for-created'],
    ['kill of what does not run is an error', 'change:kill-accepts-stopped'],
  ),
  ...rows(
    '1.21',
    [
      'ImageID in the list; one list route',
      'ContainerItem.ImageID',
      'change:container-list-image-as-typed',
      'change:container-list-at-ps',
    ],
    [
      'State.Status, Networks, sizes on request',
      'StateAnswer.Status',
      'NetworkSettingsAnswer.Networks',
      'ContainerAnswer.SizeRw',
      'ContainerInspectQuery.size',
    ],
    [
      'Config leaves empty members out; StopSignal',
      'change:config-members-always-there',
      'ConfigAnswer.StopSignal',
      'ConfigAnswer.VolumeDriver',
    ],
    [
      'MemoryReservation, KernelMemory, DnsOptions, VolumeDriver',
      'HostConfigAnswer.MemoryReservation',
      'HostConfigAnswer.KernelMemory',
      'HostConfigAnswer.DnsOptions',
      'HostConfigAnswer.VolumeDriver',
    ],
    ['detached exec start has a body', 'change:exec-start-detached-has-no-content'],
  ),
  notOurs(
    '1.21',
    'numbers of signals up to 64',
    'a superset: more names are understood than the old engine knew',
  ),
];

/** Rows of docker-modern.md 1 and 1.1 that concern containers and execs. */
const MODERN: readonly LedgerEntry[] = [
  ...rows(
    '1.22',
    ['networks in the list', 'ContainerItem.NetworkSettings', 'EndpointAnswer.NetworkID'],
    [
      'image ids have their algorithm',
      'change:container-list-bare-image-ids',
      'change:container-bare-image-id',
    ],
    ['detach keys', 'AttachQuery.detachKeys', 'ExecBody.DetachKeys'],
    [
      'paused containers can be ended',
      'change:stop-refuses-paused',
      'change:kill-refuses-paused',
      'change:remove-refuses-paused',
    ],
    ['LxcConf gone', 'HostConfigAnswer.LxcConf'],
    ['unknown filters are an error', 'change:container-list-ignores-unknown-filters'],
    [
      'exec inspect by ContainerID, exit code null while it runs',
      'ExecAnswer.Container',
      'ExecAnswer.ContainerID',
      'change:exec-exit-code-never-null',
    ],
  ),
  ...rows(
    '1.23',
    ['State and Mounts in the list', 'ContainerItem.State', 'ContainerItem.Mounts'],
    ['PidsLimit, UsernsMode', 'HostConfigBody.PidsLimit', 'HostConfigAnswer.UsernsMode'],
    ['details of logs', 'LogsQuery.details'],
  ),
  notOurs('1.23', 'Hostname no longer joined with Domainname', 'no client before it depends on the join'),
  ...rows(
    '1.24',
    ['start takes no body', 'change:start-takes-host-config'],
    ['StorageOpt, Sysctls', 'HostConfigAnswer.StorageOpt', 'HostConfigAnswer.Sysctls'],
    [
      'no command is a bad request',
      'change:config-no-command-before-1.24',
      'change:container-refusals-were-500',
    ],
  ),
  ...rows(
    '1.25',
    ['prune', 'route:container-prune'],
    [
      'AutoRemove, Mounts, Init, NanoCpus',
      'HostConfigAnswer.AutoRemove',
      'HostConfigAnswer.Mounts',
      'HostConfigAnswer.Init',
      'HostConfigAnswer.NanoCpus',
    ],
    ['StopTimeout', 'CreateBody.StopTimeout', 'ConfigAnswer.StopTimeout'],
    ['environment of execs, their pid', 'ExecBody.Env', 'ExecAnswer.Pid'],
  ),
  ...rows(
    '1.28',
    ['websocket sends binary frames', 'change:attach-socket-sends-text'],
    ['DeviceCgroupRules', 'HostConfigAnswer.DeviceCgroupRules'],
  ),
  ...rows('1.29', ['StartPeriod', 'Healthcheck.StartPeriod']),
  ...rows('1.30', ['conditions of wait, head at once', 'WaitQuery.condition', 'change:wait-head-at-the-end']),
  notOurs('1.32', 'IpcMode private, shareable, none', 'accepted at every version'),
  ...rows('1.34', ['failed removal in wait', 'WaitAnswer.Error']),
  ...rows('1.35', ['WorkingDir of execs', 'ExecBody.WorkingDir'], ['until of logs', 'LogsQuery.until']),
  ...rows(
    '1.40',
    ['private IPC by default', 'change:create-shareable-ipc'],
    ['DeviceRequests', 'HostConfigAnswer.DeviceRequests'],
  ),
  ...rows(
    '1.41',
    ['platform of create', 'CreateQuery.platform'],
    [
      'CgroupnsMode',
      'HostConfigBody.CgroupnsMode',
      'HostConfigAnswer.CgroupnsMode',
      'change:create-host-cgroup',
    ],
  ),
  ...rows(
    '1.42',
    ['content type of framed streams', 'change:streams-have-one-content-type'],
    ['signal of stop', 'StopQuery.signal'],
    ['console sizes', 'HostConfigBody.ConsoleSize', 'ExecBody.ConsoleSize', 'ExecStartBody.ConsoleSize'],
    ['options of another kind of mount are refused', 'change:mount-options-of-another-kind'],
    ['an unknown condition of wait is refused', 'change:wait-takes-any-condition'],
    ['websocket minds its parameters', 'change:attach-socket-takes-all-streams', 'AttachSocketQuery.stdin'],
  ),
  ...rows('1.43', ['Annotations', 'HostConfigBody.Annotations', 'HostConfigAnswer.Annotations']),
  ...rows(
    '1.44',
    ['several networks at create', 'change:create-one-network'],
    ['MacAddress of an endpoint', 'EndpointBody.MacAddress'],
    ['StartInterval', 'Healthcheck.StartInterval'],
    ['DNSNames', 'EndpointAnswer.DNSNames'],
  ),
  notOurs('1.44', 'read-only binds are recursive', 'the engine has no recursive read-only mounts yet'),
  ...rows('1.45', ['own names are no aliases', 'change:container-own-names-are-aliases']),
  ...rows(
    '1.48',
    ['GwPriority', 'EndpointBody.GwPriority', 'EndpointAnswer.GwPriority'],
    ['mounts of images', 'change:mount-no-images', 'MountBody.ImageOptions'],
  ),
];

export const CONTAINER_LEDGER: readonly LedgerEntry[] = [...ERA, ...FILES, ...MODERN];
