import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { WireClient } from '#test/support/wire.ts';

export type Question = {
  /** An object is sent as JSON, bytes as they are. */
  readonly body?: object | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
};

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** One request over HTTP, and the whole answer, whatever its status. */
export const ask = async (
  socketPath: string,
  method: string,
  path: string,
  question: Question = {},
): Promise<Answer> => {
  const { body, headers = {} } = question;
  const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  const type = bytes === undefined || bytes === body ? {} : { 'Content-Type': 'application/json' };
  const request = httpRequest({
    socketPath,
    agent,
    method,
    path,
    headers: {
      ...type,
      ...(bytes !== undefined && { 'Content-Length': bytes.length }),
      ...headers,
    },
  });
  request.end(bytes);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const received = Buffer.concat(await response.toArray());
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    bytes: received,
    text: received.toString(),
  };
};

/** A connection for bytes as they are; half-open, as clients of attach are. */
export const connectWire = async (socketPath: string): Promise<WireClient> => {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  await once(socket, 'connect');
  return new WireClient(socket, socket);
};

/** JSON documents one after another, with or without line ends between them. */
export const parseFrames = (text: string): unknown[] => {
  const lines = text.replaceAll(/\}\s*(?=\{")/g, '}\n').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as unknown);
};

/** One document, or the frames of a stream. */
export const documentsOf = (text: string): unknown[] => {
  try {
    return [JSON.parse(text)];
  } catch {
    return parseFrames(text);
  }
};
