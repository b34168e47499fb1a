import { EngineError } from '#domain/error/engine-error.ts';
import type { InsertRequest, TransferProgress } from '#engine/engine.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { addLayer } from './add-layer.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { blobKey } from '#engine/images/leases.ts';
import { ProgressFeed } from '#engine/images/progress-feed.ts';
import { resolveImage } from '#engine/images/resolve.ts';
import { sweep } from '#engine/images/sweep.ts';

/**
 * A new image: another one and a file from the web in it (docker-routes.md R33). The last message's status is the
 * new image's id. Thrown before the first message: `image.not-found`, `insert.path`, and what the download throws.
 */
export async function* insert(
  world: ImagesContext,
  request: InsertRequest,
): AsyncGenerator<TransferProgress, void, void> {
  const { image: parent } = resolveImage(world, request.ref);
  const path = pathInside(request.path);
  const leaving = new AbortController();
  const signal = AbortSignal.any([request.signal, leaving.signal]);
  const { stream, totalBytes } = await world.downloads.open(request.url, signal);
  const feed = new ProgressFeed();
  const work = feed.follow(
    (async () => {
      const blob = await world.content.ingest(stream, {
        signal,
        onProgress: (bytes) => feed.count('', 'Downloading', bytes, totalBytes),
      });
      try {
        await world.leases.during([blobKey(blob.digest)], async () => {
          const layer = writeTar([
            {
              header: { kind: 'file', path, mode: 0o755, sizeBytes: blob.sizeBytes },
              content: world.content.stream(blob.digest),
            },
          ]);
          const words = `insert ${request.url} at ${path}`;
          const about = {
            containerId: '',
            createdBy: words,
            author: '',
            comment: '',
            repository: '',
            tag: '',
          };
          feed.say(await addLayer(world, { ...about, parentId: parent.id, layer, config: parent.config }));
        });
      } finally {
        await sweep(world, { chainIds: [], blobs: [blob.digest] });
      }
    })(),
  );
  try {
    yield* feed;
  } finally {
    leaving.abort();
    await work;
  }
}

/** A file's place below the root. */
const pathInside = (path: string): string => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !parts.includes('..')) return parts.join('/');
  throw new EngineError('invalid', 'insert.path', `"${path}" is no place for a file`, { params: { path } });
};
