/**
 * Unpacking of a layer beside GNU tar, in MB of uncompressed tar per second, and the time a caller waits
 * for create + mount + remove of a root. Makes its own layer. Usage: node bench/layers.ts [folder] [runs]
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { createOverlay } from '#adapters/overlay/overlay.ts';
import { writeTar } from '#formats/tar/write-tar.ts';

import type { TarSource } from '#formats/tar/write-tar.ts';

const FILES = 13_000;
const RUNS = Number(process.argv[3] ?? 5);
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'gantry-bench-'));

/** Like a distribution: many small files, few large ones, compresses to about a third. */
function* layerFiles(): Generator<TarSource> {
  let seed = 1;
  // xorshift32: the same layer on each run.
  const random = () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
  const words = Array.from({ length: 20_000 }, () => Math.floor(random() * 36 ** 5).toString(36));
  const text = Buffer.from(
    Array.from({ length: 4_000_000 }, () => words[Math.floor(random() ** 2 * 20_000)]).join(' '),
  );
  for (let index = 0; index < FILES; index += 1) {
    if (index % 13 === 0) yield { header: { kind: 'directory', path: `usr/share/d${index / 13}` } };
    const path = `usr/share/d${Math.floor(index / 13)}/file-${index}`;
    if (index % 20 === 0) {
      yield { header: { kind: 'symlink', path, linkPath: 'file-1' } };
      continue;
    }
    const length = index % 130 === 1 ? 600_000 : Math.floor(random() ** 3 * 18_000);
    const start = Math.floor(random() * (text.length - length));
    yield {
      header: { kind: 'file', path, mode: index % 7 === 0 ? 0o755 : 0o644 },
      content: text.subarray(start, start + length),
    };
  }
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const tar = Buffer.concat(await Array.fromAsync(writeTar(layerFiles())));
const blobs = { plain: tar, gzip: gzipSync(tar), zstd: zstdCompressSync(tar) };
const paths = Object.entries(blobs).map(([name, bytes]) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  console.log(`${name}: ${(bytes.length / 1e6).toFixed(0)} MB`);
  return { name, path };
});

const overlay = createOverlay({ dataRoot: join(folder, 'data') });
await overlay.recover();
const chainIdOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const results = new Map<string, number[]>();
const record = (name: string, ms: number) => results.set(name, [...(results.get(name) ?? []), ms]);

for (let run = 0; run < RUNS; run += 1)
  for (const { name, path } of paths) {
    const target = join(folder, `gnu-${name}-${run}`);
    mkdirSync(target);
    const flag = { plain: [], gzip: ['-z'], zstd: ['--zstd'] }[name] ?? [];
    record(`GNU tar, ${name}`, await timed(() => execFileSync('tar', [...flag, '-xpf', path, '-C', target])));
    record(
      `GNU tar, ${name}, then sync -f`,
      (results.get(`GNU tar, ${name}`)?.at(-1) ?? 0) +
        (await timed(() => execFileSync('sync', ['-f', target]))),
    );
    const chainId = chainIdOf(`${name} ${run}`);
    record(
      `gantry, ${name} (hashed and synced)`,
      await timed(() => overlay.unpackLayer({ chainId, blobPath: path })),
    );
  }

for (const [name, times] of results)
  console.log(
    `${name}: ${(tar.length / 1e3 / median(times)).toFixed(0)} MB/s (median of ${times.length}: ${median(times).toFixed(0)} ms)`,
  );

for (const count of [1, 40, 100]) {
  const layers = Array.from({ length: count }, (_, index) => chainIdOf(`plain ${count} ${index}`));
  const small = join(folder, 'small');
  writeFileSync(
    small,
    Buffer.concat(
      await Array.fromAsync(writeTar([{ header: { kind: 'file', path: 'a' }, content: Buffer.from('a') }])),
    ),
  );
  await Promise.all(layers.map((chainId) => overlay.unpackLayer({ chainId, blobPath: small })));
  const steps = { create: [] as number[], mount: [] as number[], remove: [] as number[] };
  for (let index = 0; index < 50; index += 1) {
    steps.create.push(await timed(() => overlay.createRoot(`r${index}`, layers)));
    steps.mount.push(await timed(() => overlay.mountRoot(`r${index}`)));
    steps.remove.push(await timed(() => overlay.removeRoot(`r${index}`)));
  }
  const text = Object.entries(steps).map(([name, times]) => `${name} ${median(times).toFixed(2)}`);
  console.log(`root on ${count} layers, ms: ${text.join(', ')}`);
}

await overlay[Symbol.asyncDispose]();
rmSync(folder, { recursive: true, force: true });
