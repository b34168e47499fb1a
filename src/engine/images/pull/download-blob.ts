import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { checkSize } from '#formats/oci-image/descriptor-size.ts';
import type { Descriptor } from '#formats/oci-image/manifest.ts';
import type { PullContext } from './pull-context.ts';

/** Tries in a row that brought nothing. */
const MAX_BARREN_TRIES = 5;
const FIRST_PAUSE_MS = 200;

/** Failures of the line, not of the content: what is kept can be resumed. */
const PASSING_CODES: ReadonlySet<string> = new Set(['registry.broken-off', 'registry.unreachable']);

type Progress = (bytes: number) => void;

/**
 * Gets a blob into the store, resuming what an earlier try (of this or of a past pull) left. Pulls
 * that want the same blob share one download. `image.malformed` where it has another size than announced.
 */
export const downloadBlob = async (
  pull: PullContext,
  blob: Descriptor,
  onProgress: Progress = () => undefined,
): Promise<void> => {
  const { world, signal } = pull;
  const sizeBytes = await world.blobTasks.run(
    blob.digest,
    { signal, onProgress },
    async (taskSignal, report) =>
      pull.slots.run(
        async () =>
          world.downloadSlots.run(async () => downloadNow(pull, blob, taskSignal, report), taskSignal),
        taskSignal,
      ),
  );
  checkSize(blob, sizeBytes);
};

const downloadNow = async (
  pull: PullContext,
  blob: Descriptor,
  signal: AbortSignal,
  report: Progress,
): Promise<number> => {
  const { content, clock } = pull.world;
  for (let barren = 0; ;) {
    const present = await content.stat(blob.digest);
    if (present !== undefined) return present.sizeBytes;
    const before = await content.partialSize(blob.digest);
    try {
      return await downloadOnce(pull, blob, { signal, report, resumeFrom: before });
    } catch (error) {
      const isLineDown = isEngineError(error, 'unavailable') && PASSING_CODES.has(error.code);
      // Kept bytes may have been the wrong ones: whole again, once.
      const isStale = isEngineError(error, 'invalid') && error.code === 'blob.digest-mismatch' && before > 0;
      if (signal.aborted || !(isLineDown || isStale)) throw error;
      const gained = (await content.partialSize(blob.digest)) > before;
      barren = gained ? 0 : barren + 1;
      if (barren >= MAX_BARREN_TRIES) throw error;
      await clock.sleep(FIRST_PAUSE_MS * 2 ** barren, signal);
    }
  }
};

const downloadOnce = async (
  pull: PullContext,
  blob: Descriptor,
  how: { signal: AbortSignal; report: Progress; resumeFrom: number },
): Promise<number> => {
  const { registry, content } = pull.world;
  const { signal, report } = how;
  const resumeFrom = how.resumeFrom < blob.sizeBytes ? how.resumeFrom : 0;
  const answer = await registry.blob(pull.address, blob.digest, resumeFrom, { ...pull.access, signal });
  const { sizeBytes } = await content.ingest(atMost(answer.stream, blob.sizeBytes - answer.offset), {
    expected: blob.digest,
    resumeFrom: answer.offset,
    signal,
    onProgress: report,
  });
  return sizeBytes;
};

/** A server that sends without end fills no disk. */
async function* atMost(
  stream: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let left = limitBytes;
  for await (const chunk of stream) {
    left -= chunk.length;
    if (left < 0) {
      throw new EngineError(
        'invalid',
        'blob.too-long',
        'the registry sent more bytes than the manifest announced',
      );
    }
    yield chunk;
  }
}
