// The Debian packages that Gantry uses, and how to put missing ones on the machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/**
 * `has` is a file that only the installed package brings: a bare name is looked for in the folders of commands.
 * @typedef {{ name: string, has: string, why: string }} DebianPackage
 */

/** @type {DebianPackage[]} */
export const RUNTIME_PACKAGES = [
  { name: 'crun', has: 'crun', why: 'makes and starts containers' },
  { name: 'conmon', has: 'conmon', why: 'keeps output and exit codes while the daemon is away' },
  { name: 'tini', has: 'tini-static', why: 'is the first process of containers that ask for one' },
  { name: 'nftables', has: 'nft', why: 'publishes ports' },
  { name: 'iproute2', has: 'ip', why: 'shows and mends links' },
  { name: 'mount', has: 'mount', why: 'mounts' },
  { name: 'util-linux', has: 'nsenter', why: 'looks into namespaces' },
  { name: 'xz-utils', has: 'xz', why: 'reads .tar.xz images' },
  { name: 'bzip2', has: 'bzip2', why: 'reads .tar.bz2 images' },
  {
    name: 'busybox-static',
    has: '/var/lib/dpkg/info/busybox-static.list',
    why: 'is the demonstration image',
  },
];

/** @type {DebianPackage[]} */
export const TEST_PACKAGES = [
  { name: 'runc', has: 'runc', why: 'is the second runtime' },
  { name: 'mmdebstrap', has: 'mmdebstrap', why: 'makes the Debian image' },
  { name: 'docker-compose', has: 'docker-compose', why: 'is a client under test' },
  {
    name: 'python3-docker',
    has: '/usr/lib/python3/dist-packages/docker/__init__.py',
    why: 'is a client under test',
  },
  { name: 'openssl', has: 'openssl', why: 'makes certificates' },
  { name: 'e2fsprogs', has: 'mkfs.ext4', why: 'makes small disks that fill up' },
];

/** Only for `npm run test:machine`. @type {DebianPackage[]} */
export const MACHINE_PACKAGES = [
  { name: 'qemu-system-x86', has: 'qemu-system-x86_64', why: 'runs the guest' },
  { name: 'mmdebstrap', has: 'mmdebstrap', why: "makes the guest's root" },
  { name: 'e2fsprogs', has: 'mke2fs', why: "makes the guest's disks" },
];

const COMMAND_FOLDERS = [
  ...new Set([
    ...(process.env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/')),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ]),
];

/** @param {DebianPackage[]} packages */
export function findMissing(packages) {
  return packages.filter(({ has }) => !isThere(has));
}

/** @param {string} file */
function isThere(file) {
  if (file.startsWith('/')) return existsSync(file);
  return COMMAND_FOLDERS.some((folder) => existsSync(join(folder, file)));
}

/** @param {DebianPackage[]} missing */
export function installDebianPackages(missing) {
  const names = missing.map(({ name }) => name);
  if (!canInstall()) throw new Error(explainMissing(missing));
  if (!areListsUsable(names)) apt(['update']);
  withoutStartingServices(() => apt(['install', '--no-install-recommends', ...names]));
}

function canInstall() {
  return process.getuid?.() === 0 && isThere('apt-get');
}

/** @param {DebianPackage[]} missing */
function explainMissing(missing) {
  const lines = missing.map(({ name, why }) => `  ${name.padEnd(16)} ${why}`);
  const names = missing.map(({ name }) => name).join(' ');
  const reason = isThere('apt-get') ? 'this is not root' : 'there is no apt-get here';
  return [
    `These are missing, and cannot be installed because ${reason}:`,
    ...lines,
    `On Debian: sudo apt-get install --no-install-recommends ${names}`,
  ].join('\n');
}

/** Package lists may be absent (fresh image) or too old to know the names. @param {string[]} names */
function areListsUsable(names) {
  const dryRun = spawnSync('apt-get', ['install', '--simulate', '-qq', '--no-install-recommends', ...names]);
  return dryRun.status === 0 && areListsFresh();
}

/** Old lists name versions that the archive has since dropped. */
function areListsFresh() {
  const found = spawnSync('find', ['/var/lib/apt/lists', '-maxdepth', '1', '-type', 'f', '-mmin', '-1440']);
  return found.stdout.length > 0;
}

/** @param {string[]} args */
function apt(args) {
  execFileSync('apt-get', ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** policy-rc.d is Debian's switch for this; one that is already there is the machine's own and stays. @param {() => void} work */
function withoutStartingServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    rmSync(policy, { force: true });
  }
}
