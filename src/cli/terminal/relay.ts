import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { readFrames } from '#formats/stdcopy/read-frames.ts';

export type RelayOptions = {
  readonly tty: boolean;
  /** Forwarded to the other side; undefined sends nothing and closes at once. */
  readonly input: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
};

/** Carries both directions of a taken-over connection until the other side has said all. */
export const relay = async (stream: Duplex, { tty, input, stdout, stderr }: RelayOptions): Promise<void> => {
  stream.on('error', () => undefined);
  if (input === undefined) stream.end();
  else input.pipe(stream);
  try {
    if (tty) {
      for await (const bytes of stream as AsyncIterable<Uint8Array>) await write(stdout, bytes);
    } else {
      for await (const piece of readFrames(stream))
        await write(piece.stream === 'stderr' ? stderr : stdout, piece.bytes);
    }
  } finally {
    input?.unpipe(stream);
    stream.destroy();
  }
};

const write = async (output: Writable, bytes: Uint8Array): Promise<void> => {
  if (output.write(bytes)) return;
  await new Promise<void>((resolve) => {
    output.once('drain', resolve);
    void finished(output).then(resolve, () => resolve());
  });
};
