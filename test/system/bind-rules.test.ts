import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

type Inspect = {
  readonly Mounts: readonly { readonly Destination: string; readonly Propagation: string }[];
};

describe('what a bind may show', () => {
  let daemon: TestDaemon;
  const folder = mkdtempSync(join(tmpdir(), 'gantry-binds-'));
  const below = join(folder, 'below');
  before(async () => {
    mkdirSync(below);
    execFileSync('mount', ['-t', 'tmpfs', 'gantry-test', below]);
    writeFileSync(join(below, 'deep'), '');
    writeFileSync(join(folder, 'top'), '');
    daemon = await TestDaemon.start();
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    execFileSync('umount', [below]);
    rmSync(folder, { recursive: true });
  });

  const create = async (command: string, host: object, version = 'v1.51'): Promise<string> => {
    const body = { Image: 'busybox', Cmd: ['sh', '-c', command], HostConfig: host };
    const { status, text } = await ask(daemon.socket, 'POST', `/${version}/containers/create`, { body });
    assert.equal(status, 201, text);
    return (JSON.parse(text) as { Id: string }).Id;
  };
  /** The exit code of a command in a container. */
  const run = async (command: string, host: object, version?: string): Promise<number> => {
    const id = await create(command, host, version);
    await daemon.client.json('POST', `/containers/${id}/start`);
    const { StatusCode } = await daemon.client.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`);
    return StatusCode;
  };
  const bind = (options: object, more: object = {}): object => ({
    Mounts: [{ Type: 'bind', Source: folder, Target: '/m', BindOptions: options, ...more }],
  });

  it('a file is bound like a folder, read-only or not', async () => {
    const file = `${folder}/top`;
    assert.equal(await run('test -e /m && ! echo x > /m', { Binds: [`${file}:/m:ro`] }), 0);
    assert.equal(
      await run('test -e /etc/group && ! echo x > /etc/group', { Binds: [`${file}:/etc/group:ro`] }),
      0,
    );
    const one = { Type: 'bind', Source: file, Target: '/m', ReadOnly: true };
    assert.equal(await run('test -e /m && ! echo x > /m', { Mounts: [one] }), 0);
    assert.equal(await run('echo x > /m', { Binds: [`${file}:/m`] }), 0);
  });

  it('what is mounted below comes along unless that is unwanted', async () => {
    assert.equal(await run('test -e /m/top && test -e /m/below/deep', bind({})), 0);
    assert.equal(await run('test -e /m/top && test ! -e /m/below/deep', bind({ NonRecursive: true })), 0);
    assert.equal(await run('test ! -e /m/below/deep', bind({ NonRecursive: true }, { ReadOnly: true })), 0);
  });

  it('a file, a socket or a device is bound too, and written to where it may be', async () => {
    const readable = 'cat /one && ! (echo x > /one)';
    for (const source of [join(folder, 'top'), join(below, 'deep')]) {
      assert.equal(await run(readable, { Binds: [`${source}:/one:ro`] }), 0);
      assert.equal(
        await run(readable, { Mounts: [{ Type: 'bind', Source: source, Target: '/one', ReadOnly: true }] }),
        0,
      );
      assert.equal(await run('echo x > /one', { Binds: [`${source}:/one`] }), 0);
    }
    assert.equal(await run('test -S /one', { Binds: [`${daemon.socket}:/one:ro`] }), 0);
    assert.equal(await run('test -c /one', { Binds: ['/dev/null:/one:ro'] }), 0);
  });

  it('what is mounted below is read-only too, unless it may be written', async () => {
    const readOnly = { ReadOnly: true };
    const write = '! touch /m/x && touch /m/below/x';
    const refuse = '! touch /m/x && ! touch /m/below/x';
    assert.equal(await run(refuse, bind({}, readOnly)), 0);
    assert.equal(await run(refuse, { Binds: [`${folder}:/m:ro`] }), 0);
    assert.equal(
      await run(refuse, bind({ ReadOnlyForceRecursive: true, Propagation: 'rprivate' }, readOnly)),
      0,
    );
    assert.equal(await run(write, bind({ ReadOnlyNonRecursive: true }, readOnly)), 0);
    assert.equal(await run(write, bind({}, readOnly), 'v1.43'), 0);
  });

  it('mounts into /proc and over it are refused, whatever way they lead there', async () => {
    const links = join(folder, 'links');
    mkdirSync(links);
    symlinkSync('/proc', join(links, 'inner'));
    const inside = /cannot be mounted because it is inside \/proc/u;
    const cases: [string[], RegExp][] = [
      [[`${folder}:/proc//sys`], inside],
      [[`${folder}:/x/../proc/sys/kernel`], inside],
      [[`${folder}:/proc`], /cannot be mounted because it is not of type proc/u],
      [[`${links}:/links`, `${folder}:/links/inner/sys`], inside],
      [[`${links}:/links`, `${folder}:/links/inner`], /not of type proc/u],
    ];
    for (const [binds, words] of cases) {
      const id = await create('true', { Binds: binds });
      await assert.rejects(daemon.client.json('POST', `/containers/${id}/start`), words);
    }
    assert.equal(await run('test -e /m/1', { Binds: ['/proc:/m'] }), 0);
  });

  it('a bind of the data root sees its mounts go, and none that would not is made', async () => {
    const { dataRoot } = daemon;
    for (const source of [dataRoot, dirname(dataRoot), join(dataRoot, 'volumes'), '/']) {
      const id = await create('true', { Binds: [`${source}:/m`] });
      const { Mounts } = await daemon.client.json<Inspect>('GET', `/containers/${id}/json`);
      assert.equal(Mounts[0]?.Propagation, 'rslave', source);
    }
    const id = await create('true', { Binds: [`${dataRoot}x:/m`] });
    const { Mounts } = await daemon.client.json<Inspect>('GET', `/containers/${id}/json`);
    assert.notEqual(Mounts[0]?.Propagation, 'rslave');
    for (const mode of ['private', 'rprivate', 'shared', 'slave']) {
      const body = { Image: 'busybox', HostConfig: { Binds: [`${dataRoot}:/m:${mode}`] } };
      const { status, text } = await ask(daemon.socket, 'POST', '/v1.51/containers/create', { body });
      assert.equal(status, 400);
      assert.match(
        text,
        /must use either propagation mode \\"rslave\\" or \\"rshared\\" when mount source is within the daemon root/u,
      );
    }
    await create('true', { Binds: [`${dataRoot}:/m:rshared`] });
  });
});
