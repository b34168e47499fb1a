import { HEADER_BYTES } from './frame.ts';

/** What a frame's stream number says; 3 carries errors of the daemon. */
export type FramedPiece = {
  readonly stream: 'stdin' | 'stdout' | 'stderr' | 'systemerr';
  readonly bytes: Uint8Array;
};

const NAMES: readonly FramedPiece['stream'][] = ['stdin', 'stdout', 'stderr', 'systemerr'];

/**
 * Pieces of framed bytes, however they were cut on the way; a long frame comes in several pieces. Throws a
 * plain Error on a stream number that does not exist, which is what unframed bytes look like, and on bytes
 * that end inside a frame.
 */
export const readFrames = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<FramedPiece> {
  const reader = new FrameReader();
  for await (const bytes of source) yield* reader.push(bytes);
  reader.finish();
};

class FrameReader {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerFilled = 0;
  #payloadLeft = 0;
  #stream: FramedPiece['stream'] = 'stdout';

  *push(bytes: Uint8Array): Generator<FramedPiece> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payloadLeft === 0) {
        at += this.#takeHeader(bytes, at);
        continue;
      }
      const end = Math.min(bytes.length, at + this.#payloadLeft);
      yield { stream: this.#stream, bytes: bytes.subarray(at, end) };
      this.#payloadLeft -= end - at;
      at = end;
    }
  }

  finish(): void {
    if (this.#payloadLeft > 0 || this.#headerFilled > 0) throw new Error('the stream ended inside a frame');
  }

  #takeHeader(bytes: Uint8Array, at: number): number {
    const taken = bytes.subarray(at, at + HEADER_BYTES - this.#headerFilled);
    this.#header.set(taken, this.#headerFilled);
    this.#headerFilled += taken.length;
    if (this.#headerFilled === HEADER_BYTES) this.#openFrame();
    return taken.length;
  }

  #openFrame(): void {
    const [number = 0] = this.#header;
    const name = NAMES[number];
    if (name === undefined) throw new Error(`no stream has number ${number}: the bytes are not framed`);
    this.#stream = name;
    this.#payloadLeft = new DataView(this.#header.buffer).getUint32(4);
    this.#headerFilled = 0;
  }
}
