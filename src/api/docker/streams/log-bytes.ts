import type { LogRecord } from '#domain/log/record.ts';
import { HEADER_BYTES, writeHeader } from '#formats/stdcopy/frame.ts';

export type LogForm = {
  readonly framed: boolean;
  /** Written before each line; undefined = no times. */
  readonly time: ((time: string) => string) | undefined;
  /** Text between time and line: the attributes of the log, `` or `a=b,c=d `. */
  readonly details: string;
};

/** Stored batches as bytes, one buffer for a batch, one frame for each stored piece of a line. */
export const logBytes = async function* (
  batches: AsyncIterable<readonly LogRecord[]>,
  form: LogForm,
): AsyncGenerator<Uint8Array> {
  const writer = new LogWriter(form);
  for await (const records of batches) if (records.length > 0) yield writer.write(records);
};

class LogWriter {
  readonly #form: LogForm;
  readonly #encoder = new TextEncoder();
  /** Streams in the middle of a long line: its later pieces have no time of their own. */
  readonly #isInside = { stdout: false, stderr: false };

  constructor(form: LogForm) {
    this.#form = form;
  }

  write(records: readonly LogRecord[]): Uint8Array {
    const prefixes = records.map((record) => this.#prefix(record));
    const header = this.#form.framed ? HEADER_BYTES : 0;
    const total = records.reduce(
      (sum, { bytes }, index) => sum + header + (prefixes[index]?.length ?? 0) + bytes.length,
      0,
    );
    const buffer = new Uint8Array(total);
    let at = 0;
    for (const [index, { stream, bytes }] of records.entries()) {
      const prefix = prefixes[index];
      const length = (prefix?.length ?? 0) + bytes.length;
      if (this.#form.framed) at = writeHeader(buffer, at, stream, length);
      if (prefix !== undefined) buffer.set(prefix, at);
      buffer.set(bytes, at + (prefix?.length ?? 0));
      at += length;
    }
    return buffer;
  }

  #prefix({ stream, time, partial }: LogRecord): Uint8Array | undefined {
    const isContinued = this.#isInside[stream];
    this.#isInside[stream] = partial;
    const { time: form, details } = this.#form;
    if (isContinued || (form === undefined && details === '')) return undefined;
    return this.#encoder.encode(`${form === undefined ? '' : `${form(time)} `}${details}`);
  }
}

/** `2006-01-02T15:04:05.000000000Z`: as stored. */
export const fullTime = (time: string): string => time;

/** API 1.14: zeros at the end of the fraction dropped. */
export const trimmedTime = (time: string): string => time.replace(/\.?0+Z$/, 'Z');

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** API <= 1.13: `[Jan _2 15:04:05.000]`. */
export const bracketedTime = (time: string): string => {
  const [, month = '1', day = '', clock = '', millis = ''] =
    /^\d+-(\d+)-(\d+)T([\d:]+)\.?(\d{0,3})/.exec(time) ?? [];
  return `[${MONTHS[Number(month) - 1] ?? ''} ${String(Number(day)).padStart(2, ' ')} ${clock}.${millis.padEnd(3, '0')}]`;
};
