// The guest's disks: Debian with systemd, made once and kept by what it is made of, and the project, made each time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMirror } from '../setup/outside-tools.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.cache/machine');
const AGENT = fileURLToPath(new URL('guest-agent.py', import.meta.url));

const SUITE = 'bookworm';

/** What a server of this year has, and what the daemon needs. */
const PACKAGES = [
  ['linux-image-amd64', 'systemd-sysv', 'dbus', 'udev', 'libpam-systemd', 'apparmor', 'kmod', 'procps'],
  ['crun', 'conmon', 'tini', 'nftables', 'iproute2', 'mount', 'util-linux', 'xz-utils', 'bzip2'],
  ['busybox-static', 'ca-certificates', 'curl', 'python3', 'e2fsprogs'],
].flat();

/** What the guest's scripts use: an image, and a client that starts fast on a slow processor. */
const FOR_TESTS = /** @type {const} */ ([
  ['images/busybox.tar', 'busybox.tar'],
  ['tools/docker-20', 'docker'],
]);

/** `$1` is the new root. The agent answers the host; what only costs a slow guest time stays off. */
const CUSTOMIZE = [
  'echo guest > "$1/etc/hostname"',
  'printf "127.0.0.1 localhost\\n127.0.1.1 guest\\n" > "$1/etc/hosts"',
  'printf "nameserver 192.0.2.1\\n" > "$1/etc/resolv.conf"',
  'printf "/dev/vda / ext4 defaults 0 1\\n/dev/vdb /usr/lib/gantry ext4 ro,nofail 0 2\\n" > "$1/etc/fstab"',
  'mkdir -p "$1/usr/lib/gantry" "$1/usr/local/lib/guest"',
  'cp "$AGENT" "$1/usr/local/lib/guest/agent.py"',
  'printf "[Unit]\\nDescription=Answers the host\\n[Service]\\nExecStart=/usr/bin/python3 /usr/local/lib/guest/agent.py\\nRestart=always\\n[Install]\\nWantedBy=multi-user.target\\n" > "$1/etc/systemd/system/guest-agent.service"',
  'chroot "$1" systemctl enable guest-agent.service',
  'chroot "$1" systemctl set-default multi-user.target',
  'chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service',
  'chroot "$1" useradd --create-home --shell /bin/bash person',
];

/**
 * @typedef {{ disk: string, kernel: string, initrd: string }} Base
 * @returns {Base} from the cache if it was made of the same
 */
export function makeBase() {
  const recipe = [SUITE, ...PACKAGES, ...CUSTOMIZE, readFileSync(AGENT, 'utf8')].join('\n');
  const folder = join(FOLDER, `base-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) buildBase(folder);
  return { disk: join(folder, 'disk'), kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd.img') };
}

/** Under another name until it is whole. @param {string} folder */
function buildBase(folder) {
  mkdirSync(FOLDER, { recursive: true });
  const scratch = mkdtempSync(join(FOLDER, 'making-'));
  const root = join(scratch, 'root');
  try {
    const hooks = CUSTOMIZE.map((command) => `--customize-hook=${command}`);
    const source = `deb ${findMirror()} ${SUITE} main`;
    nicely(
      [
        'mmdebstrap',
        '--quiet',
        '--variant=minbase',
        `--include=${PACKAGES.join(',')}`,
        ...hooks,
        SUITE,
        root,
        source,
      ],
      { AGENT },
    );
    for (const name of readdirSync(join(root, 'boot'))) {
      if (name.startsWith('vmlinuz-')) cpSync(join(root, 'boot', name), join(scratch, 'vmlinuz'));
      if (name.startsWith('initrd.img-')) cpSync(join(root, 'boot', name), join(scratch, 'initrd.img'));
    }
    makeDisk(root, join(scratch, 'disk'), '6G');
    rmSync(root, { recursive: true, force: true });
    renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Programs and their packages as a user has them: no tests, nothing for development. @param {string} folder */
export function makeProjectDisk(folder) {
  const staging = join(folder, 'project');
  mkdirSync(staging, { recursive: true });
  for (const name of ['bin', 'src', 'tools', 'packaging', 'package.json'])
    cpSync(join(ROOT, name), join(staging, name), { recursive: true });
  for (const path of runtimePackages())
    cpSync(join(ROOT, path), join(staging, path), { recursive: true, dereference: true });
  symlinkSync(`node_modules/node-linux-${process.arch}/bin/node`, join(staging, 'node'));
  mkdirSync(join(staging, 'test'));
  for (const [file, name] of FOR_TESTS) cpSync(join(ROOT, '.cache', file), join(staging, 'test', name));
  const disk = join(folder, 'project.disk');
  makeDisk(staging, disk, '1G');
  rmSync(staging, { recursive: true, force: true });
  return disk;
}

function runtimePackages() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && existsSync(join(ROOT, path)))
    .map(([path]) => path);
}

/**
 * @param {string} root
 * @param {string} disk
 * @param {string} size
 */
function makeDisk(root, disk, size) {
  writeFileSync(disk, '');
  nicely(['mke2fs', '-q', '-t', 'ext4', '-d', root, disk, size]);
}

/**
 * @param {string[]} command
 * @param {Record<string, string>} [more] environment
 */
function nicely(command, more = {}) {
  execFileSync('nice', ['-n', '10', ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...more },
  });
}
