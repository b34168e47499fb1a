import { ChunkQueue } from '#adapters/oci-cli/streams/chunk-queue.ts';
import type { ExecStdio } from './exec-stdio.ts';

/** Neither input nor output: nothing of it breaks when we go. */
export const withoutStreams = (nowhere: number): ExecStdio => {
  const queue = new ChunkQueue(() => {});
  queue.end();
  return {
    descriptors: [nowhere, nowhere, nowhere],
    queue,
    release: () => {},
    ended: Promise.resolve(),
    receivedBytes: 0,
    failureText: async () => '',
    write: async () => {},
    closeInput: async () => {},
    resize: async () => {},
    destroy: () => {},
  };
};
