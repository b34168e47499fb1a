import type { LogRecord } from '#domain/log/record.ts';
import { framePiece } from '#formats/stdcopy/frame.ts';

export type LogForm = { readonly framed: boolean; readonly timestamps: boolean };

/** Stored lines as bytes, a frame for each; only the first piece of a long line has a time. */
export async function* logBytes(
  batches: AsyncIterable<readonly LogRecord[]>,
  { framed, timestamps }: LogForm,
): AsyncGenerator<Uint8Array> {
  const isInside = { stdout: false, stderr: false };
  for await (const records of batches) {
    const pieces = records.map(({ stream, bytes, time, partial }) => {
      const text = timestamps && !isInside[stream] ? Buffer.concat([Buffer.from(`${time} `), bytes]) : bytes;
      isInside[stream] = partial;
      return framed ? framePiece({ stream, bytes: text }) : text;
    });
    if (pieces.length > 0) yield Buffer.concat(pieces);
  }
}
