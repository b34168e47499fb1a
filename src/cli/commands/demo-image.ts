import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeTar } from '#formats/tar/write-tar.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';
import { CommandError } from '#cli/exit-code.ts';

export const DEMO_IMAGE = 'gantry-demo:latest';

const BUSYBOX_PLACES = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static'];
/** Where an executable names its loader. */
const HEAD_BYTES = 8192;
const APPLETS = [
  'sh',
  'echo',
  'cat',
  'ls',
  'sleep',
  'httpd',
  'wget',
  'id',
  'ps',
  'hostname',
  'true',
  'nc',
  'grep',
];

/** A docker archive with one layer: this machine's static busybox. Throws CommandError when there is none. */
export const buildDemoImage = async function* (): AsyncGenerator<Uint8Array> {
  const layer = await collect(writeTar(layerEntries(await findBusybox())));
  const diffId = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const config = Buffer.from(JSON.stringify(configOf(diffId)));
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  const manifest = Buffer.from(
    JSON.stringify([{ Config: configName, RepoTags: [DEMO_IMAGE], Layers: ['layer.tar'] }]),
  );
  yield* writeTar([file(configName, config), file('layer.tar', layer), file('manifest.json', manifest)]);
};

const file = (path: string, content: Uint8Array, mode = 0o644): TarSource => ({
  header: { kind: 'file', path, mode, sizeBytes: content.length },
  content,
});

const directory = (path: string, mode = 0o755): TarSource => ({ header: { kind: 'directory', path, mode } });

const layerEntries = (busybox: Uint8Array): TarSource[] => [
  ...['bin/', 'etc/', 'root/', 'www/'].map((path) => directory(path)),
  directory('tmp/', 0o1777),
  file('bin/busybox', busybox, 0o755),
  ...APPLETS.map((name): TarSource => ({
    header: { kind: 'symlink', path: `bin/${name}`, linkPath: 'busybox' },
  })),
  file('etc/passwd', Buffer.from('root:x:0:0:root:/root:/bin/sh\n')),
  file('etc/group', Buffer.from('root:x:0:\n')),
  file('www/index.html', Buffer.from('hello from the other container\n')),
];

const configOf = (diffId: string): Record<string, unknown> => ({
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  os: 'linux',
  created: '2026-01-01T00:00:00Z',
  config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
  rootfs: { type: 'layers', diff_ids: [diffId] },
  history: [{ created: '2026-01-01T00:00:00Z', created_by: 'gantry demo' }],
});

const findBusybox = async (): Promise<Buffer> => {
  for (const place of BUSYBOX_PLACES) {
    const bytes = await readFile(place).catch(() => undefined);
    // A dynamic one names its loader and would not run alone.
    if (bytes !== undefined && !bytes.subarray(0, HEAD_BYTES).includes('/ld-')) return bytes;
  }
  throw new CommandError('no static busybox on this machine: apt-get install busybox-static');
};

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
};
