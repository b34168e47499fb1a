import { EngineError } from '#domain/error/engine-error.ts';
import type { DeviceMapping } from '#domain/container/config.ts';
import type { HostDevice } from '#engine/ports/container-files.ts';
import type { RuntimeDeviceRule, RuntimeLinux } from '#formats/oci-runtime/spec.ts';

type RuntimeDevice = NonNullable<RuntimeLinux['devices']>[number];

export type DevicePlan = {
  readonly devices: readonly RuntimeDevice[];
  readonly rules: readonly RuntimeDeviceRule[];
};

/** A device mapping of the client with the host nodes found behind it. */
export type MappedDevice = {
  readonly mapping: DeviceMapping;
  readonly nodes: readonly HostDevice[];
};

const character = (major: number, minor: number, access: string): RuntimeDeviceRule => ({
  allow: true,
  type: 'c',
  major,
  minor,
  access,
});

const DENY_ALL: RuntimeDeviceRule = { allow: false, access: 'rwm' };

/** Always there: null, zero, full, tty, random, urandom, console, pts, ptmx; making any node (mknod) is harmless. */
const DEFAULT_RULES: readonly RuntimeDeviceRule[] = [
  DENY_ALL,
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  character(1, 3, 'rwm'),
  character(1, 5, 'rwm'),
  character(1, 7, 'rwm'),
  character(1, 8, 'rwm'),
  character(1, 9, 'rwm'),
  character(5, 0, 'rwm'),
  character(5, 1, 'rwm'),
  character(5, 2, 'rwm'),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

/** Device nodes and rules of a container. `all` are the host's nodes for a privileged one. */
export const planDevices = (input: {
  readonly privileged: boolean;
  readonly all: readonly HostDevice[];
  readonly mapped: readonly MappedDevice[];
  readonly extraRules: readonly string[];
}): DevicePlan => {
  const mapped = input.mapped.flatMap(mapNodes);
  const extra = input.extraRules.map(parseDeviceRule);
  if (input.privileged) {
    return {
      devices: [
        ...input.all.filter(isPassedOn).map((node) => toRuntimeDevice(node, node.path)),
        ...mapped.map(({ device }) => device),
      ],
      rules: [{ allow: true, access: 'rwm' }],
    };
  }
  return {
    devices: mapped.map(({ device }) => device),
    rules: [...DEFAULT_RULES, ...mapped.map(({ rule }) => rule), ...extra],
  };
};

/** The runtime makes these itself. */
const OWN_NODES = /^\/dev\/(?:null|zero|full|tty|random|urandom|console|ptmx|pts\/.*|shm\/.*|mqueue\/.*)$/;

const isPassedOn = (node: HostDevice): boolean => !OWN_NODES.test(node.path);

const mapNodes = ({ mapping, nodes }: MappedDevice): { device: RuntimeDevice; rule: RuntimeDeviceRule }[] => {
  const base = mapping.pathOnHost.replace(/\/+$/, '');
  return nodes.map((node) => ({
    device: toRuntimeDevice(node, mapping.pathInContainer.replace(/\/+$/, '') + node.path.slice(base.length)),
    rule: {
      allow: true,
      type: node.type,
      major: node.major,
      minor: node.minor,
      access: mapping.cgroupPermissions === '' ? 'rwm' : mapping.cgroupPermissions,
    },
  }));
};

const toRuntimeDevice = (node: HostDevice, path: string): RuntimeDevice => ({
  path,
  type: node.type,
  major: node.major,
  minor: node.minor,
  fileMode: node.mode & 0o777,
  uid: node.uid,
  gid: node.gid,
});

/** `HostConfig.DeviceCgroupRules`: `c 1:3 rwm`, `a *:* rwm`. Throws `invalid` `device-rule.invalid` {rule}. */
export const parseDeviceRule = (text: string): RuntimeDeviceRule => {
  const match = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text);
  const [, type, major, minor, access] = match ?? [];
  if (type === undefined || major === undefined || minor === undefined || access === undefined) {
    throw new EngineError('invalid', 'device-rule.invalid', `invalid device cgroup rule format: '${text}'`, {
      params: { rule: text },
    });
  }
  return {
    allow: true,
    access,
    ...(type === 'b' || type === 'c' ? { type } : { type: 'a' }),
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
  };
};
