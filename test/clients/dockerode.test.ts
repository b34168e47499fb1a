import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { PassThrough } from 'node:stream';
import type { Duplex, Readable } from 'node:stream';
import { WebSocket } from 'ws';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';

/** What this test calls of dockerode, which brings no types of its own. */
type Container = {
  readonly id: string;
  start(): Promise<unknown>;
  stop(options?: object): Promise<unknown>;
  kill(options?: object): Promise<unknown>;
  restart(options?: object): Promise<unknown>;
  pause(): Promise<unknown>;
  unpause(): Promise<unknown>;
  rename(options: object): Promise<unknown>;
  resize(options: object): Promise<unknown>;
  wait(): Promise<{ StatusCode: number }>;
  remove(options?: object): Promise<unknown>;
  inspect(): Promise<{ State: { Running: boolean; Paused: boolean; ExitCode: number }; Name: string }>;
  attach(options: object): Promise<Duplex>;
  logs(options: object): Promise<Readable & Buffer>;
  exec(options: object): Promise<Exec>;
};
type Exec = {
  start(options: object): Promise<Duplex>;
  inspect(): Promise<{ ExitCode: number; Running: boolean }>;
};
type Image = {
  inspect(): Promise<{ Id: string; RepoTags: string[] }>;
  history(): Promise<unknown[]>;
  tag(options: object): Promise<unknown>;
  remove(options?: object): Promise<object[]>;
  get(): Promise<Readable>;
};
type Docker = {
  readonly modem: {
    demuxStream(stream: Readable, stdout: PassThrough, stderr: PassThrough): void;
    followProgress(
      stream: Readable,
      done: (error: Error | null, frames: { status?: string }[]) => void,
      progress?: (frame: object) => void,
    ): void;
  };
  createContainer(options: object): Promise<Container>;
  getContainer(id: string): Container;
  getImage(name: string): Image;
  listContainers(options?: object): Promise<{ Id: string; Names: string[] }[]>;
  listImages(options?: object): Promise<{ RepoTags: string[] }[]>;
  pull(name: string, options?: object): Promise<Readable>;
  loadImage(archive: Readable): Promise<Readable>;
  getEvents(options: object): Promise<Readable>;
  run(
    image: string,
    command: string[],
    output: PassThrough | PassThrough[],
    options: object,
  ): Promise<[{ StatusCode: number }, Container]>;
  ping(): Promise<Buffer>;
  info(): Promise<{ Containers: number }>;
  version(): Promise<{ ApiVersion: string }>;
};

const Dockerode = createRequire(new URL('node/package.json', import.meta.url))('dockerode') as new (
  options: object,
) => Docker;

let daemon: TestDaemon;
let registry: TestRegistry;
let count = 0;

before(async () => {
  [daemon, registry] = await Promise.all([TestDaemon.start(), startRegistry()]);
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

for (const version of ['v1.18', 'v1.21', 'v1.24', 'v1.44', undefined])
  describe(`dockerode at ${version ?? 'no version'}`, { concurrency: 4 }, () => {
    let docker: Docker;
    const create = (...command: string[]): Promise<Container> => createWith({}, ...command);
    const createWith = (options: object, ...command: string[]): Promise<Container> => {
      count += 1;
      return docker.createContainer({ name: `ode${count}`, Image: 'busybox', Cmd: command, ...options });
    };

    before(() => {
      docker = new Dockerode({ socketPath: daemon.socket, ...(version === undefined ? {} : { version }) });
    });
    test('run gives both outputs and the exit code', async () => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const [texts, [{ StatusCode }]] = await Promise.all([
        Promise.all([textOf(stdout), textOf(stderr)]),
        docker
          .run('busybox', ['sh', '-c', 'echo hi; echo oh >&2; exit 3'], [stdout, stderr], { Tty: false })
          .finally(() => [stdout.end(), stderr.end()]),
      ]);
      assert.deepEqual([StatusCode, ...texts], [3, 'hi\n', 'oh\n']);
    });

    for (const hijack of [true, false])
      test(`attach ${hijack ? 'over an upgraded connection' : 'without an upgrade'}`, async () => {
        const container = await createWith({ OpenStdin: true, StdinOnce: true, AttachStdin: true }, 'cat');
        const stream = await container.attach({
          stream: true,
          stdin: true,
          stdout: true,
          stderr: true,
          hijack,
        });
        await container.start();
        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        docker.modem.demuxStream(stream, stdout, stderr);
        stream.on('end', () => stdout.end());
        stream.write('said\n');
        const text = textOf(stdout);
        if (hijack) stream.end();
        else await until(async () => (await outputOf(container)) === 'said\n', 'the echo');
        if (!hijack) await container.kill();
        assert.equal(await text, 'said\n');
      });

    test('life: start, pause, rename, restart, stop, kill, wait, remove', async () => {
      const container = await create('sleep', '1000');
      await container.start();
      await container.pause();
      assert.equal((await container.inspect()).State.Paused, true);
      await container.unpause();
      await container.rename({ name: `other-${version}` });
      assert.equal((await container.inspect()).Name, `/other-${version}`);
      await container.restart({ t: 0 });
      await container.stop({ t: 0 });
      assert.equal((await container.wait()).StatusCode, 137);
      await container.start();
      await assert.rejects(container.remove(), { statusCode: 409 });
      await container.kill({ signal: 'KILL' });
      await container.wait();
      await container.remove({ v: true });
      await assert.rejects(container.inspect(), { statusCode: 404 });
    });

    test('logs, whole and followed', async () => {
      const container = await create('sh', '-c', 'echo 1; sleep 0.2; echo 2');
      await container.start();
      const followed = await container.logs({ follow: true, stdout: true, stderr: true });
      const stdout = new PassThrough();
      docker.modem.demuxStream(followed, stdout, new PassThrough());
      followed.on('end', () => stdout.end());
      assert.equal(await textOf(stdout), '1\n2\n');
      const whole = await container.logs({ stdout: true, stderr: true, tail: 1 });
      assert.match(whole.toString(), /2\n$/u);
    });

    test('exec with input, and its exit code', async () => {
      const container = await create('sleep', '1000');
      await container.start();
      const exec = await container.exec({
        Cmd: ['sh', '-c', 'cat; exit 4'],
        AttachStdin: true,
        AttachStdout: true,
      });
      const stream = await exec.start({ hijack: true, stdin: true });
      const stdout = new PassThrough();
      docker.modem.demuxStream(stream, stdout, new PassThrough());
      stream.on('end', () => stdout.end());
      stream.end('in\n');
      assert.equal(await textOf(stdout), 'in\n');
      await until(async () => !(await exec.inspect()).Running, 'the end of the exec');
      assert.equal((await exec.inspect()).ExitCode, 4);
    });

    test('a terminal, and its size', async () => {
      const container = await createWith({ Tty: true, OpenStdin: true }, 'sh');
      const stream = await container.attach({
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        hijack: true,
      });
      await container.start();
      let text = '';
      stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
      await container.resize({ h: 33, w: 99 });
      await until(async () => {
        stream.write('stty size\n');
        return text.includes('33 99');
      }, 'the size');
      stream.end('exit\n');
      await container.wait();
    });

    test('list with filters', async () => {
      const container = await createWith({ Labels: { mark: `m-${version}` } }, 'true');
      const found = await docker.listContainers({ all: true, filters: { label: [`mark=m-${version}`] } });
      assert.deepEqual(
        found.map(({ Id }) => Id),
        [container.id],
      );
    });

    test('pull with progress, tag, save, load, history, remove', async () => {
      const image = await makeImage({ layers: [{ files: { mark: String(version) } }] });
      await pushImage({ url: registry.url, repository: `ode-${version}`, tag: 'v1' }, image);
      const name = `${registry.host}/ode-${version}:v1`;
      const { promise, resolve, reject } = Promise.withResolvers<{ status?: string }[]>();
      docker.modem.followProgress(await docker.pull(name), (error, frames) =>
        error === null ? resolve(frames) : reject(error),
      );
      assert.match((await promise).map(({ status }) => status).join('\n'), /Downloaded newer image|Status/u);
      await docker.getImage(name).tag({ repo: `kept-${version}`, tag: 'v2' });
      const { Id } = await docker.getImage(`kept-${version}:v2`).inspect();
      const archive = await bytesOf(await docker.getImage(`kept-${version}:v2`).get());
      await docker.getImage(`kept-${version}:v2`).remove();
      await docker.getImage(name).remove();
      const source = new PassThrough();
      source.end(archive);
      await bytesOf(await docker.loadImage(source));
      assert.equal((await docker.getImage(`kept-${version}:v2`).inspect()).Id, Id);
      assert.ok((await docker.getImage(`kept-${version}:v2`).history()).length > 0);
      assert.ok((await docker.listImages()).some(({ RepoTags }) => RepoTags.includes(`kept-${version}:v2`)));
    });

    test('events while they happen', async () => {
      const events = await docker.getEvents({ filters: { event: ['start'] } });
      let text = '';
      events.on('data', (bytes: Buffer) => (text += bytes.toString()));
      const container = await create('true');
      await container.start();
      await until(() => text.includes(container.id.slice(0, 12)), 'the event');
      events.destroy();
    });

    test('ping, info, version', async () => {
      assert.equal((await docker.ping()).toString(), 'OK');
      assert.ok((await docker.info()).Containers >= 0);
      assert.equal((await docker.version()).ApiVersion, '1.51');
    });

    test('attach over a websocket', async () => {
      const container = await createWith({ OpenStdin: true, StdinOnce: true, AttachStdin: true }, 'cat');
      await container.start();
      const path = `/${version ?? 'v1.51'}/containers/${container.id}/attach/ws?stream=1&stdin=1&stdout=1&stderr=1`;
      const socket = new WebSocket(`ws+unix://${daemon.socket}:${path}`);
      let text = '';
      socket.on('message', (data: Buffer) => (text += data.toString()));
      const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
      socket.on('open', resolve);
      socket.on('error', reject);
      await opened;
      socket.send('over a socket\n');
      await until(() => text.includes('over a socket\n'), 'the echo');
      socket.close();
    });
  });

const textOf = async (stream: Readable): Promise<string> => (await bytesOf(stream)).toString();

const bytesOf = async (stream: Readable): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const outputOf = async (container: Container): Promise<string> => {
  const frames = await container.logs({ stdout: true });
  return frames.subarray(8).toString();
};
