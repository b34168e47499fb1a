import { parseFrames, type Answer } from '#test/support/versions/ask.ts';
import { unframe } from '#test/support/versions/speaker.ts';
import { shapeDifferences } from '#test/support/versions/shape-difference.ts';

/** One recorded answer; `lines` are the objects of a stream. */
export type Recorded = {
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly lines?: readonly unknown[];
  readonly base64?: string;
};

/** Status, content type, words of errors, and shapes: what differs, as lines. */
export const compareAnswers = (recorded: Recorded, answer: Answer): string[] => {
  const { status, headers, text } = answer;
  if (status !== recorded.status) return [`status ${status} instead of ${recorded.status}: ${text.trim()}`];
  const [ours = '', theirs = ''] = [headers['content-type'], recorded.headers['content-type']];
  const type = ours === theirs ? [] : [`type '${ours}' instead of '${theirs}'`];
  return [...type, ...compareBodies(recorded, answer)];
};

const compareBodies = (recorded: Recorded, { status, text, bytes }: Answer): string[] => {
  const wanted = recorded.text ?? messageOf(recorded.body);
  if (status >= 400) return compareWords(wanted ?? '', messageOf(parsed(text)) ?? text);
  if (recorded.body !== undefined) return shapeDifferences(recorded.body, parsed(text));
  if (recorded.lines !== undefined) return shapeDifferences(recorded.lines, parseFrames(text));
  if (recorded.text !== undefined && recorded.text !== text) return [`says '${text}' instead of '${recorded.text}'`];
  if (recorded.base64 === undefined) return [];
  const theirs = Buffer.from(recorded.base64, 'base64');
  return plainOutput(theirs) === plainOutput(bytes)
    ? []
    : [`output ${plainOutput(bytes)} instead of ${plainOutput(theirs)}`];
};

/** Output without moments; two streams come in any order. */
const plainOutput = (buffer: Buffer): string => {
  const isFramed = buffer[0] !== undefined && buffer[0] <= 2 && buffer[1] === 0;
  const text = isFramed ? JSON.stringify(unframe(buffer.toString('latin1'))) : buffer.toString();
  return text.replaceAll(/\d{4}-[\d:.T-]+Z/g, '<time>');
};

const compareWords = (theirs: string, ours: string): string[] =>
  plainWords(theirs) === plainWords(ours) ? [] : [`says '${plainWords(ours)}' instead of '${plainWords(theirs)}'`];

const plainWords = (text: string): string =>
  text.trim().replaceAll(/\b[0-9a-f]{64}\b/g, '<64>').replaceAll(/\b[0-9a-f]{12}\b/g, '<12>');

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const messageOf = (body: unknown): string | undefined => (body as { message?: string } | undefined)?.message;
