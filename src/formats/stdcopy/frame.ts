/** One piece of output, as the framing knows it. */
export type StreamPiece = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

export const HEADER_BYTES = 8;

const NUMBERS: Readonly<Record<StreamPiece['stream'], number>> = { stdout: 1, stderr: 2 };

/** Header and payload of one piece in one buffer (docker-semantics.md 10.1). */
export const framePiece = (piece: StreamPiece): Uint8Array => frameBatch([piece]);

/** A frame per piece, all in one buffer: one write for a whole batch. */
export const frameBatch = (pieces: readonly StreamPiece[]): Uint8Array => {
  const total = pieces.reduce((sum, { bytes }) => sum + HEADER_BYTES + bytes.length, 0);
  const buffer = new Uint8Array(total);
  let at = 0;
  for (const { stream, bytes } of pieces) {
    at = writeHeader(buffer, at, stream, bytes.length);
    buffer.set(bytes, at);
    at += bytes.length;
  }
  return buffer;
};

/** Writes the header of a frame into `buffer`; answers where its payload begins. */
export const writeHeader = (
  buffer: Uint8Array,
  at: number,
  stream: StreamPiece['stream'],
  payloadBytes: number,
): number => {
  buffer[at] = NUMBERS[stream];
  buffer[at + 4] = (payloadBytes >>> 24) & 0xff;
  buffer[at + 5] = (payloadBytes >>> 16) & 0xff;
  buffer[at + 6] = (payloadBytes >>> 8) & 0xff;
  buffer[at + 7] = payloadBytes & 0xff;
  return at + HEADER_BYTES;
};
