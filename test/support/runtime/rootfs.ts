import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeSpec } from '#formats/oci-runtime/spec.ts';

const applets = [
  'sh',
  'true',
  'false',
  'sleep',
  'cat',
  'echo',
  'id',
  'env',
  'pwd',
  'stat',
  'stty',
  'head',
  'yes',
  'dd',
  'kill',
  'grep',
  'printf',
  'wc',
  'ls',
  'seq',
  'tr',
  'tail',
  'ps',
];

/** A root file system of the machine's static busybox and some programs that cannot run. */
export const makeRootfs = (path: string): string => {
  for (const folder of ['bin', 'proc', 'dev', 'sys', 'tmp', 'etc'])
    mkdirSync(join(path, folder), { recursive: true });
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((candidate) => existsSync(candidate));
  if (busybox === undefined) throw new Error('busybox-static is not installed');
  copyFileSync(busybox, join(path, 'bin/busybox'));
  for (const applet of applets) symlinkSync('busybox', join(path, 'bin', applet));
  writeFileSync(join(path, 'bin/not-executable'), '#!/bin/sh\n', { mode: 0o644 });
  return path;
};

/** What Docker gives a container, less what a machine may lack. */
const capabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_KILL',
];

export type SpecOptions = {
  readonly terminal?: boolean;
  readonly cgroupsPath?: string;
  readonly linux?: Partial<NonNullable<RuntimeSpec['linux']>>;
  readonly mounts?: RuntimeSpec['mounts'];
};

export const makeSpec = (
  rootfs: string,
  args: readonly string[],
  options: SpecOptions = {},
): RuntimeSpec => ({
  ociVersion: '1.0.2',
  hostname: 'inside',
  root: { path: rootfs },
  process: {
    terminal: options.terminal ?? false,
    user: { uid: 0, gid: 0 },
    args,
    env: ['PATH=/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: [],
      ambient: [],
    },
  },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    ...(options.mounts ?? []),
  ],
  linux: {
    namespaces: (['pid', 'ipc', 'uts', 'mount', 'network'] as const).map((type) => ({ type })),
    ...(options.cgroupsPath === undefined ? {} : { cgroupsPath: options.cgroupsPath }),
    ...options.linux,
  },
});

/** A profile that allows everything but some calls, which must then fail with EPERM. */
export const denyingProfile = (
  ...names: string[]
): NonNullable<NonNullable<RuntimeSpec['linux']>['seccomp']> => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names, action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
});
