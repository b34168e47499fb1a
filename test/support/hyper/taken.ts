import assert from 'node:assert/strict';
import type { TestDaemon } from '#test/support/daemon.ts';
import { connectWire } from '#test/support/versions/ask.ts';
import type { WireClient } from '#test/support/wire.ts';

/** What every taken-over connection begins with (hyperd-api 0.5). */
const HEAD = [
  'HTTP/1.1 101 UPGRADED',
  'Content-Type: application/vnd.docker.raw-stream',
  'Connection: Upgrade',
  'Upgrade: tcp',
];

export type Taking = {
  readonly agent?: string;
  /** Without the headers that ask for it; default: with them, as all clients send. */
  readonly isPlain?: boolean;
  /** Sent right behind the request, before the answer is there. */
  readonly early?: string;
};

/** The request's bytes as hyperctl writes them. */
export const requestBytes = (path: string, { agent = 'test', isPlain = false, early = '' }: Taking): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: hyper',
    `User-Agent: ${agent}`,
    'Content-Length: 0',
    'Content-Type: text/plain',
    ...(isPlain ? [] : ['Connection: Upgrade', 'Upgrade: tcp']),
    '',
    early,
  ].join('\r\n');

/** A connection that the daemon has taken over: from here on its bytes are those of a process. */
export const take = async (
  daemon: Pick<TestDaemon, 'hyperSocket'>,
  path: string,
  taking: Taking = {},
): Promise<WireClient> => {
  const wire = await connectWire(daemon.hyperSocket);
  await wire.send(requestBytes(path, taking));
  const head = (await wire.until('\r\n\r\n')).trimEnd().split('\r\n');
  assert.deepEqual(
    head.filter((line) => !line.startsWith('Server: ')),
    HEAD,
  );
  return wire;
};

export type Frame = readonly [stream: 1 | 2, text: string];

/** Frames of a stream, neighbours of one kind joined: where they are cut is chance. Other bytes fail the test. */
export const readFrames = (bytes: string): Frame[] => {
  const frames: [1 | 2, string][] = [];
  const buffer = Buffer.from(bytes, 'latin1');
  for (let at = 0; at < buffer.length;) {
    const kind = buffer[at];
    assert.ok(kind === 1 || kind === 2, `no frame: ${JSON.stringify(bytes.slice(at))}`);
    assert.equal(buffer.readUIntBE(at + 1, 3), 0);
    const end = at + 8 + buffer.readUInt32BE(at + 4);
    assert.ok(end <= buffer.length, 'a frame is cut short');
    const text = buffer.toString('utf8', at + 8, end);
    const last = frames.at(-1);
    if (last?.[0] === kind) last[1] += text;
    else frames.push([kind, text]);
    at = end;
  }
  return frames;
};

/** All that comes until the daemon's end, as frames. */
export const framesOf = async (wire: WireClient): Promise<Frame[]> => readFrames(await wire.rest());

/** Half-closes, reads to the end, and goes, as all clients do at the end of their input. */
export const finish = async (wire: WireClient): Promise<string> => {
  wire.halfClose();
  return wire.rest();
};

/** Output before errors, where chance decides which pipe is read first. */
export const byKind = (frames: readonly Frame[]): Frame[] => frames.toSorted(([one], [other]) => one - other);
