// debian:bookworm by mmdebstrap, from the mirror this machine uses; inside, the mirror everybody has.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { findMirror } from '../setup/outside-tools.mjs';
import { addToTar, IMAGE_TIME } from './archive.mjs';

const SUITE = 'bookworm';

/** Nobody reads manuals in a test image; leaving them out halves it. */
const LEFT_OUT = ['man', 'locale', 'info', 'doc'].map(
  (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
);

/** Undoes what the building machine leaves behind. `$1` is the new root. */
const NEUTRAL = [
  'echo "deb http://deb.debian.org/debian bookworm main" > "$1/etc/apt/sources.list"',
  'rm -f "$1"/etc/apt/sources.list.d/* "$1/etc/resolv.conf" "$1/etc/hostname" "$1/var/cache/ldconfig/aux-cache"',
  ': > "$1/etc/resolv.conf"; echo debian > "$1/etc/hostname"',
].join('; ');

/** Changes when the recipe does. The packages inside are as new as the day it was made. */
export function describeDebian() {
  return [SUITE, ...LEFT_OUT, NEUTRAL].join('\n');
}

/**
 * @param {string} scratch an empty folder
 * @param {string} layer the tar file to write
 */
export function makeDebianLayer(scratch, layer) {
  const args = [
    '--quiet',
    '--variant=minbase',
    '--format=tar',
    '--skip=output/dev',
    ...LEFT_OUT,
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    `--customize-hook=${NEUTRAL}`,
    SUITE,
    layer,
    `deb ${findMirror()} ${SUITE} main`,
  ];
  execFileSync('mmdebstrap', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(IMAGE_TIME.getTime() / 1000) },
  });
  mkdirSync(join(scratch, 'dev')); // without the device nodes of output/dev, the folder alone
  addToTar(scratch, layer, ['./dev']);
}
