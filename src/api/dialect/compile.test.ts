import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '#api/http/reply.ts';
import type { HttpRequest } from '#api/http/request.ts';
import { asWire } from '#test/versions/generate.ts';
import { sampleDialect, type SampleContext } from '#test/versions/sample-dialect.ts';
import { createDialect } from './compile.ts';

const crate = { Id: '1', Tags: ['a'], Weight: 1, Gross: 2, Owner: 'ann', Seals: {}, Main: null };

type Sent = { headers?: Record<string, string>; body?: string; signal?: AbortSignal };

const requestOf = (line: string, { headers = {}, body = '', signal }: Sent = {}): HttpRequest => {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  return {
    id: 'r1',
    method,
    path,
    query: new URLSearchParams(query),
    headers,
    hasBody: body !== '',
    text: async () => body,
    stream: () => assert.fail('not streamed'),
    signal: signal ?? new AbortController().signal,
  };
};

const reported: unknown[] = [];

const serve = () => {
  const context: SampleContext = { asked: [], crates: [crate] };
  const { answer, mayHijack } = createDialect(sampleDialect, context, {
    report: (error) => reported.push(error),
  });
  const ask = async (line: string, sent?: Sent): Promise<Reply> => answer(requestOf(line, sent));
  return { ask, asked: context.asked, mayHijack };
};

/** Status and body in one line. */
const briefly = (reply: Reply): unknown => {
  const status = 'status' in reply ? reply.status : 101;
  return 'body' in reply ? [status, asWire(reply.body)] : [status, reply.kind];
};

const json = { 'content-type': 'application/json; charset=utf-8' };

test('each version sees its own form of one answer', async () => {
  const { ask } = serve();
  const { Gross: _gross, ...today } = crate;
  assert.deepEqual(briefly(await ask('GET /crates/json')), [200, [today]]);
  assert.deepEqual(briefly(await ask('GET /v1.6/crates/json')), [200, [today]]);
  assert.deepEqual(briefly(await ask('GET /v1.5/crates/json')), [200, [crate]]);
  assert.deepEqual(briefly(await ask('GET /v1/crates/json')), [
    200,
    [{ Id: '1', Weight: 1, Gross: 2, Owner: 'ANN', Tag: 1, Main: null }],
  ]);
  assert.deepEqual(await ask('GET /v1.000000/crates/json'), await ask('GET /v1.0/crates/json'));
});

test('a prefix that is no version means the newest', async () => {
  const { ask } = serve();
  for (const odd of ['1.', '1..2', '.'])
    assert.deepEqual(await ask(`GET /v${odd}/crates/json`), await ask('GET /crates/json'));
});

test('a dialect may know the version better than the path', async () => {
  const context: SampleContext = { asked: [], crates: [crate] };
  const versionOf = (sent: string, { headers }: HttpRequest): string | undefined =>
    sent === '' ? headers['user-agent'] : undefined;
  const { answer } = createDialect({ ...sampleDialect, versionOf }, context, {});
  const ask = async (line: string, agent: string): Promise<Reply> =>
    answer(requestOf(line, { headers: { 'user-agent': agent } }));
  const { Gross: _gross, ...today } = crate;
  assert.deepEqual(briefly(await ask('GET /crates/json', '1.5')), [200, [crate]]);
  assert.deepEqual(briefly(await ask('GET /v1.6/crates/json', '1.5')), [200, [today]]);
  assert.deepEqual(briefly(await ask('GET /crates/json', 'no version')), [200, [today]]);
});

test('versions outside the range are refused in the form of the nearest', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('GET /v1.99/crates/json')), [400, { message: '1.99 is too new' }]);
  assert.deepEqual(briefly(await ask('GET /v0/crates/json')), [400, '0 is too old\n']);
});

test('unknown paths and methods are not found, in the form of the version', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('GET /nowhere')), [404, { message: 'page not found' }]);
  assert.deepEqual(briefly(await ask('PUT /v1.3/crates/json')), [404, 'page not found\n']);
  assert.deepEqual(briefly(await ask('GET /v1.3')), [404, 'page not found\n']);
});

test('handlers are asked in today’s words', async () => {
  const { ask, asked } = serve();
  await ask('GET /v1.1/crates/json?all=1&order=up', { headers: { 'x-auth': 'secret' } });
  await ask('GET /v1.6/crates/json?all=0&order=up', { headers: { 'x-auth': 'secret' } });
  await ask('POST /v1.1/crates/create', { headers: json, body: '{"owner":{"first":"ann"}}' });
  assert.deepEqual(asked, [
    { query: { all: true, pause: true, wait: 'next-exit' }, headers: {} },
    { query: { all: false, pause: true, order: 'up' }, headers: { 'X-Auth': 'secret' } },
    { Owner: 'ann', Quiet: true },
  ]);
});

test('a body may be missing only where the route says so', async () => {
  const { ask, asked } = serve();
  assert.deepEqual(briefly(await ask('POST /crates/create')), [400, { message: 'EOF' }]);
  assert.deepEqual(briefly(await ask('POST /crates/x/pack')), [304, 'empty']);
  assert.deepEqual(asked, [undefined]);
});

test('a body must say that it is JSON where the route says so; no body need not', async () => {
  const { ask } = serve();
  const wrong = await ask('POST /crates/create', { headers: { 'content-type': 'text/plain' }, body: '{}' });
  assert.deepEqual(briefly(wrong), [
    400,
    { message: "Content-Type specified (text/plain) must be 'application/json'" },
  ]);
  assert.deepEqual(briefly(await ask('POST /crates/x/pack', { headers: { 'content-type': 'plain/text' } })), [
    304,
    'empty',
  ]);
});

test('errors have the words, the status and the form of their version', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('GET /crates/none/json')), [404, { message: 'crate none not found' }]);
  assert.deepEqual(briefly(await ask('GET /v1.3/crates/none/json')), [404, 'No such crate: none\n']);
  assert.deepEqual(briefly(await ask('POST /v1.3/crates/x/pack')), [304, 'empty']);
  assert.deepEqual(briefly(await ask('POST /v1.2/crates/x/pack')), [204, 'empty']);
  assert.deepEqual(briefly(await ask('POST /v1.0/crates/x/pack')), [500, 'already packed: x\n']);
});

test('a reply whose older status has no body loses it', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('DELETE /v1.2/crates/x')), [200, ['x']]);
  assert.deepEqual(briefly(await ask('DELETE /v1.1/crates/x')), [204, 'empty']);
});

test('a bug is reported, and told as nothing but internal', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('GET /crates/broken/json')), [500, { message: 'internal error' }]);
  assert.match(String(reported.at(-1)), /a bug/);
});

test('planned routes say that they are not implemented, and why', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('POST /crates/x/sing')), [
    501,
    { message: 'not implemented: crates cannot sing yet' },
  ]);
});

test('streams go down frame by frame, or become text', async () => {
  const { ask } = serve();
  const at = async (version: string): Promise<unknown> => {
    const reply = await ask(`POST /v${version}/crates/x/move`);
    if (reply.kind === 'frames') return [reply.contentType, asWire(await Array.fromAsync(reply.frames))];
    return reply.kind === 'bytes'
      ? [reply.contentType, Buffer.concat(await Array.fromAsync(reply.body)).toString()]
      : reply;
  };
  assert.deepEqual(await at('1.6'), [
    'application/json',
    [{ status: 'lifting', done: 1 }, { status: 'put down' }],
  ]);
  assert.deepEqual(await at('1.2'), [
    'application/octet-stream',
    [{ status: 'lifting' }, { status: 'put down' }],
  ]);
  assert.deepEqual(await at('1.0'), ['text/plain', 'lifting\r\nput down\r\n']);
});

test('a stream that fails before its first frame is an HTTP error', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('POST /crates/none/move')), [404, { message: 'crate none not found' }]);
  const reply = await ask('POST /crates/x/move');
  assert.equal(reply.kind === 'frames' && reply.start, 'at-once');
});

test('headers follow version and outcome', async () => {
  const { ask } = serve();
  assert.deepEqual((await ask('GET /crates/json')).headers, { 'Api-Version': '1.6', Server: 'Sample/1' });
  assert.deepEqual((await ask('GET /v1.2/crates/json')).headers, { 'Api-Version': '1.6' });
  assert.deepEqual((await ask('GET /v9.9/crates/json')).headers, { 'Api-Version': '1.6' });
  assert.deepEqual((await ask('POST /crates/x/talk')).headers, { 'Api-Version': '1.6' });
});

test('the listener can ask who may take a connection over', () => {
  const { mayHijack } = serve();
  assert.equal(mayHijack('POST', '/v1.3/crates/a/b/talk'), true);
  assert.equal(mayHijack('POST', '/v9.9/crates/a/b/talk'), true);
  assert.equal(mayHijack('POST', '/crates/x/move'), false);
  assert.equal(mayHijack('GET', '/nowhere'), false);
});

test('a later route reached early shows what its first version showed', async () => {
  const { ask } = serve();
  assert.deepEqual(briefly(await ask('GET /v1.0/shelves')), [
    200,
    [{ Name: 's', Crates: [crate], Best: { Maker: 'm', Stamp: 's' } }],
  ]);
});

test('the listener gets a reply even when the words of an error fail', async () => {
  const seen: unknown[] = [];
  const presentError = () => assert.fail('no words');
  const { answer } = createDialect(
    { ...sampleDialect, presentError },
    { asked: [], crates: [] },
    { report: (error) => seen.push(error) },
  );
  assert.deepEqual(briefly(await answer(requestOf('GET /crates/none/json'))), [500, 'internal error\n']);
  assert.match(String(seen[0]), /no words/);
});
