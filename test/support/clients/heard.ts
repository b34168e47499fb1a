import { connect } from 'node:net';
import { until } from './until.ts';

/** What a server says; asked again while nobody listens there yet. */
export const heard = (host: string, port: number): Promise<string> =>
  until(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect({ host, port });
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(text));
    const said = await promise;
    return said === '' ? undefined : said;
  }, `an answer from ${host}:${port}`);
