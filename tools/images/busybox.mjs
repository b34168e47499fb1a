// busybox:latest from Debian's static busybox, laid out like the image of that name people know.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTar } from './archive.mjs';

const BUSYBOX = '/bin/busybox';

const FOLDERS = [
  'bin',
  'dev',
  'etc',
  'home',
  'root',
  'tmp',
  'usr/bin',
  'usr/sbin',
  'var/spool/mail',
  'var/www',
];

const USERS = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
  'bin:x:2:2:bin:/bin:/bin/false',
  'sys:x:3:3:sys:/dev:/bin/false',
  'sync:x:4:100:sync:/bin:/bin/sync',
  'mail:x:8:8:mail:/var/spool/mail:/bin/false',
  'www-data:x:33:33:www-data:/var/www:/bin/false',
  'operator:x:37:37:Operator:/var:/bin/false',
  'nobody:x:65534:65534:nobody:/home:/bin/false',
];

const GROUPS = [
  'root:x:0:',
  'daemon:x:1:',
  'bin:x:2:',
  'sys:x:3:',
  'adm:x:4:',
  'tty:x:5:',
  'disk:x:6:',
  'mail:x:8:',
  'kmem:x:9:',
  'wheel:x:10:root',
  'cdrom:x:11:',
  'dialout:x:18:',
  'floppy:x:19:',
  'video:x:28:',
  'audio:x:29:',
  'tape:x:32:',
  'www-data:x:33:',
  'operator:x:37:',
  'utmp:x:43:',
  'plugdev:x:46:',
  'users:x:100:',
  'nogroup:x:65534:',
];

/** Changes when the image would. */
export function describeBusybox() {
  return execFileSync(BUSYBOX, ['--help'], { encoding: 'utf8' }).split('\n')[0];
}

/**
 * @param {string} scratch an empty folder
 * @param {string} layer the tar file to write
 */
export function makeBusyboxLayer(scratch, layer) {
  for (const folder of FOLDERS) mkdirSync(join(scratch, folder), { recursive: true, mode: 0o755 });
  copyFileSync(BUSYBOX, join(scratch, 'bin/busybox'));
  chmodSync(join(scratch, 'bin/busybox'), 0o755);
  linkApplets(join(scratch, 'bin'));
  symlinkSync('/bin/env', join(scratch, 'usr/bin/env'));
  writeText(join(scratch, 'etc/passwd'), USERS, 0o644);
  writeText(join(scratch, 'etc/group'), GROUPS, 0o644);
  writeText(join(scratch, 'etc/shadow'), USERS.map(toShadowLine), 0o600);
  chmodSync(join(scratch, 'tmp'), 0o1777);
  chmodSync(join(scratch, 'root'), 0o700);
  makeTar(scratch, layer, ['bin', 'dev', 'etc', 'home', 'root', 'tmp', 'usr', 'var']);
}

/** @param {string} folder */
function linkApplets(folder) {
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) {
    if (applet !== 'busybox') symlinkSync('/bin/busybox', join(folder, applet));
  }
}

/** @param {string} user a line of passwd */
function toShadowLine(user) {
  return `${user.split(':')[0]}:*:19723:0:99999:7:::`;
}

/**
 * @param {string} file
 * @param {string[]} lines
 * @param {number} mode
 */
function writeText(file, lines, mode) {
  writeFileSync(file, `${lines.join('\n')}\n`);
  chmodSync(file, mode);
}
