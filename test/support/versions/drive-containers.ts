import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { until } from '#test/support/clients/until.ts';
import { connectWire } from './ask.ts';
import { unframe, type Speaker } from './speaker.ts';

/** A name, which only requests since 1.6 can ask for; before, the id is all there is. */
const nameQuery = (speaker: Speaker, name: string): string =>
  speaker.since('1.6') ? `?name=${name}-${speaker.version.replace('.', '-')}` : '';

const HOST = { Binds: ['/tmp:/mnt:ro'], CapAdd: ['NET_ADMIN'], RestartPolicy: { Name: '' } };

type Made = { readonly id: string; readonly start: () => Promise<void> };

/** Creates as that version's clients did: the host's part came with start from 1.3 to 1.14. */
export const create = async (speaker: Speaker, config: object, name: string): Promise<Made> => {
  const inCreate = speaker.since('1.15') ? { HostConfig: HOST } : {};
  const path = `/containers/create${nameQuery(speaker, name)}`;
  const { Id: id } = await speaker.json<{ Id: string }>('POST', path, {
    body: { Image: 'busybox', ...config, ...inCreate },
  });
  const withHost = speaker.since('1.3') && !speaker.since('1.15');
  return {
    id,
    start: async () => {
      await speaker.ask('POST', `/containers/${id}/start`, withHost ? { body: HOST } : {});
    },
  };
};

const portsOf = (speaker: Speaker): object =>
  speaker.since('1.6') ? { ExposedPorts: { '80/tcp': {}, '53/udp': {} } } : { PortSpecs: ['80'] };

/** Everything that can be done with a container without a terminal. */
export const driveContainer = async (speaker: Speaker): Promise<void> => {
  const words = 'echo out; echo err >&2; exec sleep 1000';
  const { id, start } = await create(
    speaker,
    { Cmd: ['sh', '-c', words], Env: ['A=1'], Hostname: 'here', Memory: 1 << 26, ...portsOf(speaker) },
    'box',
  );
  const at = `/containers/${id}`;
  await speaker.ask('GET', `${at}/json`);
  await speaker.ask('GET', '/containers/json?all=1');
  await start();
  await start().catch((error: unknown) => assert.equal(speaker.since('1.11'), false, String(error)));
  await look(speaker, id);
  if (speaker.knows('exec-create')) await driveExecs(speaker, id);
  if (speaker.knows('container-pause')) await freeze(speaker, at);
  if (speaker.knows('container-rename')) await speaker.ask('POST', `${at}/rename?name=re-${id.slice(0, 8)}`);
  if (speaker.knows('container-update'))
    await speaker.ask('POST', `${at}/update`, { body: { Memory: 1 << 27, MemorySwap: 1 << 28 } });
  await speaker.ask('POST', `${at}/restart?t=0`);
  const waiting = speaker.json<{ StatusCode: number }>('POST', `${at}/wait`);
  await speaker.ask('POST', `${at}/kill${speaker.since('1.6') ? '?signal=KILL' : ''}`);
  assert.equal((await waiting).StatusCode, 137);
  await speaker.ask('POST', `${at}/stop?t=1`);
  await speaker.ask('GET', `${at}/json`);
  await speaker.ask('GET', '/containers/json?all=1');
  if (speaker.knows('commit')) await commit(speaker, id);
  await speaker.ask('DELETE', `${at}?v=1`);
  await speaker.fail(['GET', `${at}/json`], 404);
};

const look = async (speaker: Speaker, id: string): Promise<void> => {
  const at = `/containers/${id}`;
  for (const query of ['', '?all=1&size=1', '?limit=1', `?since=${id}`, `?before=${id}`])
    await speaker.ask('GET', `/containers/json${query}`);
  if (!speaker.since('1.21')) await speaker.ask('GET', '/containers/ps');
  const inspected = await speaker.json<{ State: { Running: boolean } }>('GET', `${at}/json`);
  assert.equal(inspected.State.Running, true);
  if (speaker.since('1.21')) await speaker.ask('GET', `${at}/json?size=1`);
  if (speaker.knows('container-logs')) {
    await until(async () => {
      const { bytes } = await speaker.ask('GET', `${at}/logs?stdout=1&stderr=1&timestamps=1&tail=10`);
      return unframe(bytes.toString('latin1')).out.endsWith(' out\n');
    }, 'the first line in the log');
    await speaker.fail(['GET', `${at}/logs`], 400);
  }
  if (speaker.knows('container-top')) await speaker.ask('GET', `${at}/top`);
  if (speaker.knows('container-changes')) await speaker.ask('GET', `${at}/changes`);
  if (speaker.knows('container-export')) await speaker.ask('GET', `${at}/export`);
  if (speaker.knows('container-stats') && speaker.since('1.19'))
    await speaker.ask('GET', `${at}/stats?stream=0${speaker.since('1.41') ? '&one-shot=1' : ''}`);
  await files(speaker, at);
};

const files = async (speaker: Speaker, at: string): Promise<void> => {
  if (speaker.knows('container-copy'))
    await speaker.ask('POST', `${at}/copy`, { body: { Resource: '/etc/hostname' } });
  if (speaker.knows('container-archive-stat')) await speaker.ask('HEAD', `${at}/archive?path=/etc/hostname`);
  if (!speaker.knows('container-archive-get')) return;
  const { bytes } = await speaker.ask('GET', `${at}/archive?path=/etc/hostname`);
  if (speaker.knows('container-archive-put'))
    await speaker.ask('PUT', `${at}/archive?path=/root`, { body: bytes });
};

const commit = async (speaker: Speaker, id: string): Promise<void> => {
  const repo = `versions/from-${speaker.version.replace('.', '-')}`;
  const path = `/commit?container=${id}&repo=${repo}&tag=1&m=words&comment=words&author=me`;
  await speaker.ask('POST', path, { body: { Cmd: ['cat', '/world'] } });
  await speaker.ask('GET', `/images/${repo}:1/json`);
  await speaker.ask('GET', `/images/${repo}:1/history`);
  await speaker.ask('DELETE', `/images/${repo}:1`);
};

const freeze = async (speaker: Speaker, at: string): Promise<void> => {
  await speaker.ask('POST', `${at}/pause`);
  await speaker.ask('GET', `${at}/json`);
  await speaker.ask('POST', `${at}/unpause`);
};

const driveExecs = async (speaker: Speaker, container: string): Promise<void> => {
  const plan = (body: object) =>
    speaker.json<{ Id: string }>('POST', `/containers/${container}/exec`, {
      body: { AttachStdout: true, AttachStderr: true, ...body },
    });
  const { Id: id } = await plan({ Cmd: ['sh', '-c', 'echo o; echo e >&2; exit 3'] });
  if (speaker.knows('exec-inspect')) await speaker.ask('GET', `/exec/${id}/json`);
  const stream = await speaker.hijack(`/exec/${id}/start`, { body: { Detach: false, Tty: false } });
  assert.deepEqual(unframe(await stream.rest()), { out: 'o\n', err: 'e\n' });
  if (speaker.knows('exec-inspect')) {
    const { ExitCode } = await speaker.json<{ ExitCode: number }>('GET', `/exec/${id}/json`);
    assert.equal(ExitCode, 3);
  }
  const { Id: terminal } = await plan({ Cmd: ['cat'], AttachStdin: true, Tty: true });
  const wire = await speaker.hijack(`/exec/${terminal}/start`, { body: { Detach: false, Tty: true } });
  await speaker.ask('POST', `/exec/${terminal}/resize?h=30&w=90`);
  // While the command certainly runs, its container names it.
  await speaker.ask('GET', `/containers/${container}/json`);
  await wire.send('hello\n\x04');
  assert.match(await wire.rest(), /hello\r\nhello\r\n/);
  const { Id: silent } = await plan({ Cmd: ['true'] });
  await speaker.ask('POST', `/exec/${silent}/start`, { body: { Detach: true, Tty: false } });
};

/** A container with a terminal: attach, resize, a websocket, wait. */
export const driveTerminal = async (speaker: Speaker): Promise<void> => {
  const { id, start } = await create(speaker, { Cmd: ['cat'], Tty: true, OpenStdin: true }, 'term');
  const at = `/containers/${id}`;
  const wire = await speaker.hijack(`${at}/attach?stream=1&stdin=1&stdout=1&stderr=1`);
  await start();
  if (speaker.knows('container-resize')) await speaker.ask('POST', `${at}/resize?h=30&w=90`);
  await wire.send('hello\n');
  await wire.until('hello\r\nhello\r\n');
  if (speaker.knows('container-attach-socket')) await overWebSocket(speaker, at);
  await wire.send('\x04');
  await wire.rest();
  const { State } = await speaker.json<{ State: { Running: boolean; ExitCode: number } }>(
    'GET',
    `${at}/json`,
  );
  assert.deepEqual([State.Running, State.ExitCode], [false, 0]);
  await speaker.ask('POST', `${at}/wait`);
  await speaker.ask('DELETE', at);
};

/** Frames come from a server without a mask: two bytes, then what was written. */
const overWebSocket = async (speaker: Speaker, at: string): Promise<void> => {
  const path = `${at}/attach/ws?stream=1&stdin=1&stdout=1`;
  const wire = await connectWire(speaker.socket);
  await wire.send(
    [
      `GET /v${speaker.version}${path} HTTP/1.1`,
      'Host: docker',
      'Origin: http://docker',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      '',
      '',
    ].join('\r\n'),
  );
  assert.match(await wire.until('\r\n\r\n'), /^HTTP\/1.1 101 /);
  // A masked text frame; the mask is zero, so the bytes stand as they are.
  await wire.send('\x81\x84\0\0\0\0web\n');
  const first = await wire.take(1);
  assert.equal(first, speaker.since('1.28') ? '\x82' : '\x81', 'text before 1.28, bytes since');
  await wire.until('web\r\n');
  wire.socket.destroy();
  await once(wire.socket, 'close');
  speaker.driven.add('container-attach-socket');
};
