import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { create, inspect, list, remove, removeAll, run, wait } from '#test/support/faults/containers.ts';
import { assertNoLeaks, assertRecordsMatch } from '#test/support/faults/machine.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
});
after(async () => daemon[Symbol.asyncDispose]());

let known: string;
beforeEach(async () => {
  known = await create(daemon, 'true', {}, 'known');
});
afterEach(async () => {
  await daemon.client.json('GET', '/_ping').catch(() => undefined);
  await removeAll(daemon);
  await assertRecordsMatch(daemon);
  await assertNoLeaks(daemon);
});

type Answer = { readonly status: number; readonly message: string };

const ask = async (
  method: string,
  path: string,
  body?: string | object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
  const request = httpRequest({
    socketPath: daemon.socket,
    method,
    path: `/v1.51${path}`,
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers },
    agent: false,
  });
  request.end(text);
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  const reply = Buffer.concat(await Array.fromAsync(response)).toString();
  return { status: response.statusCode, message: messageOf(reply) };
};

const messageOf = (text: string): string => {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return message ?? text;
  } catch {
    return text;
  }
};

type Case = readonly [
  name: string,
  method: string,
  path: string,
  body: string | object | undefined,
  status: number,
  message: RegExp,
];

const NOBODY = 'f'.repeat(64);
const simple = { Image: 'busybox', Cmd: ['true'] };
const withHost = (host: object): object => ({ ...simple, HostConfig: host });

const CASES: readonly Case[] = [
  ['malformed JSON', 'POST', '/containers/create', '{"Image": "busy', 400, /unexpected EOF|invalid JSON/],
  ['garbage instead of JSON', 'POST', '/containers/create', 'garbage', 400, /invalid character/],
  ['a list instead of an object', 'POST', '/containers/create', '[]', 400, /cannot unmarshal/],
  ['a number as image', 'POST', '/containers/create', '{"Image": 7}', 400, /cannot unmarshal number/],
  [
    'a text as memory',
    'POST',
    '/containers/create',
    withHost({ Memory: 'much' }),
    400,
    /cannot unmarshal string/,
  ],
  ['no body', 'POST', '/containers/create', '', 400, /EOF|no command|config/i],
  ['no command', 'POST', '/containers/create', { Labels: {} }, 400, /no command specified/i],
  [
    'an image that is not there',
    'POST',
    '/containers/create',
    { Image: 'nothing' },
    404,
    /No such image: nothing:latest/,
  ],
  ['a bad image name', 'POST', '/containers/create', { Image: 'UPPER//x' }, 400, /invalid reference format/],
  [
    'a bad name',
    'POST',
    '/containers/create?name=%2Fa%2Fb',
    simple,
    400,
    /Invalid container name \(\/a\/b\), only/,
  ],
  [
    'a taken name',
    'POST',
    '/containers/create?name=known',
    simple,
    409,
    /The container name "\/known" is already in use by container/,
  ],
  ['an unknown container', 'POST', `/containers/${NOBODY}/start`, undefined, 404, /No such container: f{64}/],
  [
    'an unknown container, all routes',
    'GET',
    '/containers/nobody/json',
    undefined,
    404,
    /No such container: nobody/,
  ],
  [
    'an unknown container, logs',
    'GET',
    '/containers/nobody/logs?stdout=1',
    undefined,
    404,
    /No such container: nobody/,
  ],
  [
    'an unknown container, attach',
    'POST',
    '/containers/nobody/attach?stream=1',
    undefined,
    404,
    /No such container: nobody/,
  ],
  [
    'an unknown container, wait',
    'POST',
    '/containers/nobody/wait',
    undefined,
    404,
    /No such container: nobody/,
  ],
  [
    'an unknown container, exec',
    'POST',
    '/containers/nobody/exec',
    { Cmd: ['x'] },
    404,
    /No such container: nobody/,
  ],
  [
    'an unknown container, delete',
    'DELETE',
    '/containers/nobody',
    undefined,
    404,
    /No such container: nobody/,
  ],
  ['an unknown exec', 'GET', `/exec/${NOBODY}/json`, undefined, 404, /No such exec instance: f{64}/],
  ['an unknown image', 'DELETE', '/images/nothing', undefined, 404, /No such image: nothing:latest/],
  ['an unknown path', 'GET', '/nowhere', undefined, 404, /page not found/],
  ['an exec in what does not run', 'POST', '/containers/known/exec', { Cmd: ['x'] }, 409, /is not running/],
  ['a kill of what does not run', 'POST', '/containers/known/kill', undefined, 409, /is not running/],
  [
    'an unknown signal',
    'POST',
    '/containers/known/kill?signal=SIGNOTHING',
    undefined,
    400,
    /invalid signal: SIGNOTHING/i,
  ],
  [
    'logs of neither stream',
    'GET',
    '/containers/known/logs',
    undefined,
    400,
    /you must choose at least one stream/,
  ],
  [
    'too little memory',
    'POST',
    '/containers/create',
    withHost({ Memory: 1024 }),
    400,
    /Minimum memory limit allowed is 6MB/,
  ],
  [
    'swap below memory',
    'POST',
    '/containers/create',
    withHost({ Memory: 2 ** 24, MemorySwap: 2 ** 23 }),
    400,
    /Minimum memoryswap limit should be larger than memory limit/,
  ],
  [
    'too many CPUs',
    'POST',
    '/containers/create',
    withHost({ NanoCpus: 1e12 }),
    400,
    /range of CPUs is from 0\.01 to/i,
  ],
  [
    'a CPU that is not there',
    'POST',
    '/containers/create',
    withHost({ CpusetCpus: '999' }),
    400,
    /Requested CPUs are not available/,
  ],
  [
    'a negative OOM score',
    'POST',
    '/containers/create',
    withHost({ OomScoreAdj: -5000 }),
    400,
    /range for oom score adj is \[-1000, 1000\]/,
  ],
  [
    'a port out of range',
    'POST',
    '/containers/create',
    withHost({ PortBindings: { '99999/tcp': [{}] } }),
    400,
    /invalid port/i,
  ],
  [
    'a bind source that is not there',
    'POST',
    '/containers/create',
    withHost({ Mounts: [{ Type: 'bind', Source: '/nowhere/at/all', Target: '/x' }] }),
    400,
    /invalid mount config for type "bind": bind source path does not exist: \/nowhere\/at\/all/,
  ],
  [
    'a relative mount target',
    'POST',
    '/containers/create',
    withHost({ Mounts: [{ Type: 'volume', Target: 'x' }] }),
    400,
    /invalid mount/,
  ],
  [
    'an unknown restart policy',
    'POST',
    '/containers/create',
    withHost({ RestartPolicy: { Name: 'sometimes' } }),
    400,
    /restart policy/,
  ],
  [
    'an unknown log driver',
    'POST',
    '/containers/create',
    withHost({ LogConfig: { Type: 'paper' } }),
    400,
    /paper/,
  ],
  [
    'a bad filter',
    'GET',
    '/containers/json?filters=%7Bx',
    undefined,
    400,
    /invalid filter|invalid character/,
  ],
  [
    'an unknown filter',
    'GET',
    '/containers/json?filters=%7B%22colour%22%3A%5B%22red%22%5D%7D',
    undefined,
    400,
    /invalid filter 'colour'/,
  ],
  [
    'a rename to nothing',
    'POST',
    '/containers/known/rename?name=',
    undefined,
    400,
    /Neither old nor new names may be empty/,
  ],
];

describe('bad input', () => {
  for (const [name, method, path, body, status, message] of CASES)
    it(`${name}: ${status}`, async () => {
      const answer = await ask(method, path, body);
      assert.equal(answer.status, status, answer.message);
      assert.match(answer.message, message);
      assert.deepEqual(
        (await list(daemon)).map(({ Id }) => Id),
        [known],
      );
    });

  it('a prefix of two containers is ambiguous', async () => {
    const ids = [known];
    // Seventeen ids cannot all begin with different digits.
    while (ids.length < 17) ids.push(await create(daemon, 'true'));
    const digit = ids.map((id) => id.slice(0, 1)).find((first, at, all) => all.indexOf(first) !== at);
    const answer = await ask('POST', `/containers/${digit}/start`);
    assert.deepEqual(answer, { status: 400, message: `multiple IDs found with provided prefix: ${digit}` });
  });

  for (const [command, code, words] of [
    ['/no/such/thing', 127, /no such file or directory/i],
    ['no-such-thing', 127, /executable file not found in \$PATH/],
    ['/etc/passwd', 126, /permission denied/i],
    ['/etc', 126, /is a directory|permission denied/i],
  ] as const)
    it(`the command ${command} cannot be run: ${code}`, async () => {
      const { Id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', {
        body: { Image: 'busybox', Cmd: [command] },
      });
      const answer = await ask('POST', `/containers/${Id}/start`);
      assert.equal(answer.status, 400, answer.message);
      assert.match(answer.message, words);
      const { State } = await inspect(daemon, Id);
      assert.deepEqual([State.Status, State.ExitCode, State.Pid], ['created', code, 0]);
      assert.match(State.Error, words);
    });

  it('a network that is not there', async () => {
    const id = await create(daemon, 'true', { HostConfig: { NetworkMode: 'nowhere' } });
    const answer = await ask('POST', `/containers/${id}/start`);
    assert.equal(answer.status, 404, answer.message);
    assert.match(answer.message, /network nowhere not found/);
    assert.equal((await inspect(daemon, id)).State.Status, 'created');
  });

  it('a host port that another container has', async () => {
    const ports = (port: string): object => ({
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: port }] } },
    });
    const port = await usedPort(async (number) => {
      const other = await create(daemon, 'true', ports(String(number)));
      const answer = await ask('POST', `/containers/${other}/start`);
      assert.equal(answer.status, 500, answer.message);
      assert.match(answer.message, /address already in use/);
    });
    const first = await run(daemon, 'exec sleep 600', ports(String(port)));
    const second = await create(daemon, 'true', ports(String(port)));
    const answer = await ask('POST', `/containers/${second}/start`);
    assert.equal(answer.status, 500, answer.message);
    assert.match(answer.message, /port is already allocated/);
    await remove(daemon, first);
    await daemon.client.json('POST', `/containers/${second}/start`);
    assert.equal(await wait(daemon, second), 0);
  });
});

/** Runs `work` while a port is held by this process; answers the port, free again. */
const usedPort = async (work: (port: number) => Promise<void>): Promise<number> => {
  const server = createServer();
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await work(port);
  server.close();
  await once(server, 'close');
  return port;
};

describe('bad bytes on the socket', () => {
  for (const [name, bytes, status] of [
    ['noise', '\u0000\u0001\u0002 noise\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['TLS where plain text is spoken', '\u0016\u0003\u0001\u0002\u0000\u0001', /^HTTP\/1\.1 400 |^$/],
    [
      'a header of two megabytes',
      `GET /_ping HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(2 ** 21)}\r\n\r\n`,
      /^HTTP\/1\.1 431 |^$/,
    ],
    [
      'two lengths',
      'POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a bad chunk',
      'POST /images/load HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /^HTTP\/1\.1 [45]00 |^$/,
    ],
  ] as const)
    it(`${name} is refused`, async () => {
      assert.match(await speak(bytes), status);
      assert.equal((await ask('GET', '/_ping')).message, 'OK');
    });

  it('a client that hangs up in the middle of a body changes nothing', async () => {
    for (const path of ['/containers/create', '/images/load', '/containers/known/exec']) {
      const socket = connect(daemon.socket);
      await once(socket, 'connect');
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"Image":`,
      );
      socket.destroy();
      await once(socket, 'close');
    }
    assert.equal((await ask('GET', '/_ping')).message, 'OK');
    assert.deepEqual(
      (await list(daemon)).map(({ Id }) => Id),
      [known],
    );
  });
});

/** What comes back until the daemon closes. */
const speak = async (text: string): Promise<string> => {
  const socket = connect(daemon.socket);
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
  socket.on('error', () => undefined);
  socket.end(Buffer.from(text, 'latin1'));
  // An answer may come with a reset, as the daemon does not read the rest.
  await new Promise((resolve) => void socket.on('close', resolve));
  return answer;
};
