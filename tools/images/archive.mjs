// Puts a root file system into a docker-archive: manifest.json, the config, one layer. Same input, same bytes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Every time inside our images. */
export const IMAGE_TIME = new Date('2024-01-01T00:00:00Z');

const SAME_FOR_ALL = [
  '--format=gnu',
  '--sort=name',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  `--mtime=${IMAGE_TIME.toISOString()}`,
];

const ARCHITECTURES = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
]);

/**
 * @param {object} image
 * @param {string} image.reference `busybox:latest`
 * @param {string[]} image.command
 * @param {string} image.layer a tar file; it is moved into the archive
 * @param {string} scratch an empty folder
 * @param {string} target
 */
export function writeArchive({ reference, command, layer }, scratch, target) {
  const diffId = sha256(readFileSync(layer));
  const config = JSON.stringify(describeImage(command, diffId));
  const configFile = `${sha256(config)}.json`;
  const layerFile = `${diffId}/layer.tar`;
  mkdirSync(join(scratch, diffId));
  renameSync(layer, join(scratch, layerFile));
  writeFileSync(join(scratch, configFile), config);
  const manifest = [{ Config: configFile, RepoTags: [reference], Layers: [layerFile] }];
  writeFileSync(join(scratch, 'manifest.json'), JSON.stringify(manifest));
  makeTar(scratch, `${target}.part`, [configFile, diffId, 'manifest.json'].toSorted());
  renameSync(`${target}.part`, target);
}

/**
 * @param {string} folder
 * @param {string} target
 * @param {string[]} names what to put in, below the folder
 */
export function makeTar(folder, target, names) {
  execFileSync('tar', ['--create', ...SAME_FOR_ALL, '-f', target, '-C', folder, ...names]);
}

/**
 * @param {string} folder
 * @param {string} target
 * @param {string[]} names
 */
export function addToTar(folder, target, names) {
  execFileSync('tar', ['--append', ...SAME_FOR_ALL, '-f', target, '-C', folder, ...names]);
}

/**
 * @param {string[]} command
 * @param {string} diffId
 */
function describeImage(command, diffId) {
  const created = IMAGE_TIME.toISOString();
  return {
    architecture: ARCHITECTURES.get(process.arch) ?? process.arch,
    os: 'linux',
    created,
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: command,
    },
    history: [{ created, created_by: 'made from Debian packages' }],
    rootfs: { type: 'layers', diff_ids: [`sha256:${diffId}`] },
  };
}

/** @param {string | Buffer} data */
function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}
