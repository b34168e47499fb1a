import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { buildDockerManifest } from '#formats/oci-image/build-manifest.ts';
import { MEDIA_TYPES } from '#formats/oci-image/media-types.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { sha256 } from '#test/support/test-image.ts';

const PIECE_BYTES = 64 * 1024;
const pieces = Array.from({ length: 16 }, () => randomBytes(PIECE_BYTES));

/** So many bytes that do not compress, made on the way. */
export const bytesOf = function* (total: number): Generator<Buffer> {
  for (let left = total, turn = 0; left > 0; left -= PIECE_BYTES, turn += 1)
    yield (pieces[turn % pieces.length] ?? Buffer.alloc(0)).subarray(0, left);
};

/** An archive with one such file. */
export const archiveOf = (total: number, path: string): AsyncGenerator<Buffer> =>
  writeTar([{ header: { kind: 'file', path, sizeBytes: total }, content: inTurns(bytesOf(total)) }]);

export type BigImage = {
  readonly name: string;
  readonly layerBytes: number;
  readonly diffId: string;
  readonly config: Uint8Array;
  readonly layer: () => AsyncGenerator<Buffer>;
};

/** An image whose one layer holds one file; each size and path is another image. */
export const bigImage = async (name: string, total: number): Promise<BigImage> => {
  const layer = (): AsyncGenerator<Buffer> => archiveOf(total, `file-of-${name}-${total}`);
  const hash = createHash('sha256');
  let layerBytes = 0;
  for await (const piece of layer()) {
    hash.update(piece);
    layerBytes += piece.length;
  }
  const diffId = `sha256:${hash.digest('hex')}`;
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['true'] },
      rootfs: { type: 'layers', diff_ids: [diffId] },
    }),
  );
  return { name, layerBytes, diffId, config, layer };
};

/** As `docker save` writes it. */
export const savedImage = (image: BigImage): AsyncGenerator<Buffer> => {
  const file = (path: string, bytes: Uint8Array) => ({
    header: { kind: 'file', path } as const,
    content: bytes,
  });
  const manifest = [{ Config: 'config.json', RepoTags: [`${image.name}:latest`], Layers: ['layer.tar'] }];
  return writeTar([
    file('config.json', image.config),
    { header: { kind: 'file', path: 'layer.tar', sizeBytes: image.layerBytes }, content: image.layer() },
    file('manifest.json', Buffer.from(JSON.stringify(manifest))),
  ]);
};

/** A registry that has this image alone, under any name. */
export const serveImage = async (image: BigImage): Promise<AsyncDisposable & { readonly host: string }> => {
  const configDigest = sha256(image.config);
  const manifest = buildDockerManifest({
    config: { mediaType: MEDIA_TYPES.dockerConfig, digest: configDigest, sizeBytes: image.config.length },
    layers: [{ mediaType: MEDIA_TYPES.dockerLayer, digest: image.diffId, sizeBytes: image.layerBytes }],
  });
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path.includes('/manifests/')) {
      response.setHeader('Content-Type', MEDIA_TYPES.dockerManifest);
      response.setHeader('Docker-Content-Digest', sha256(manifest));
      response.setHeader('Content-Length', manifest.length);
      response.end(request.method === 'HEAD' ? undefined : manifest);
    } else if (path.endsWith(configDigest)) response.end(image.config);
    else if (path.endsWith(image.diffId)) {
      response.setHeader('Content-Length', image.layerBytes);
      void pour(image.layer(), response).then(() => response.end());
    } else response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Writes everything at the pace of the reader. */
export const pour = async (
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  target: NodeJS.WritableStream,
): Promise<void> => {
  for await (const piece of source) if (!target.write(piece)) await once(target, 'drain');
};

/** Reads to the end; how many bytes there were. */
export const countBytes = async (source: AsyncIterable<Uint8Array>): Promise<number> => {
  let total = 0;
  for await (const piece of source) total += piece.length;
  return total;
};

const inTurns = async function* (source: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* source;
};
