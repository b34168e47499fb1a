import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { unmount, unmountFlags } from '#adapters/libc/mounts.ts';
import { createSandboxes } from '#adapters/namespaces/create-sandboxes.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { Sandbox, SandboxRequest } from '#engine/ports/sandboxes.ts';

const all: Omit<SandboxRequest, 'id'> = {
  hostname: 'inside',
  domainname: 'test',
  network: true,
  ipc: true,
  uts: true,
};

const inside = ({ networkPath, ipcPath, utsPath }: Sandbox, ...command: string[]): string =>
  execFileSync('nsenter', [`--net=${networkPath}`, `--ipc=${ipcPath}`, `--uts=${utsPath}`, ...command], {
    encoding: 'utf8',
  }).trim();

describe('Sandboxes as namespaces', () => {
  const execRoot = mkdtempSync(join(tmpdir(), 'gantry-sandboxes-'));
  let sandboxes: ReturnType<typeof createSandboxes>;
  const mounts = (): string[] =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(execRoot));

  before(() => {
    sandboxes = createSandboxes({ execRoot });
  });

  after(async () => {
    for (const id of await sandboxes.list()) await sandboxes.remove(id);
    await sandboxes.close();
    unmount(execRoot);
    rmSync(execRoot, { recursive: true });
    assert.deepEqual(mounts(), []);
  });

  it('have a host name, a domain name and namespaces of their own, and the daemon keeps its', async () => {
    const own = ['net', 'ipc', 'uts'].map((name) => readlinkSync(`/proc/self/ns/${name}`));
    const sandbox = await sandboxes.create({ ...all, id: 'one' });
    assert.equal(inside(sandbox, 'uname', '-n'), 'inside');
    assert.equal(inside(sandbox, 'cat', '/proc/sys/kernel/domainname'), 'test');
    for (const [index, name] of ['net', 'ipc', 'uts'].entries()) {
      assert.notEqual(inside(sandbox, 'readlink', `/proc/self/ns/${name}`), own[index]);
    }
    assert.deepEqual(
      ['net', 'ipc', 'uts'].map((name) => readlinkSync(`/proc/self/ns/${name}`)),
      own,
    );
  });

  it('are the same when made twice', async () => {
    const first = await sandboxes.create({ ...all, id: 'twice' });
    const namespace = inside(first, 'readlink', '/proc/self/ns/net');
    const second = await sandboxes.create({ ...all, id: 'twice' });
    assert.deepEqual(second, first);
    assert.equal(inside(second, 'readlink', '/proc/self/ns/net'), namespace);
  });

  it('have only the namespaces asked for', async () => {
    const sandbox = await sandboxes.create({ ...all, id: 'net-only', ipc: false, uts: false });
    assert.deepEqual(Object.keys(sandbox), ['id', 'networkPath']);
    assert.deepEqual(await sandboxes.find('net-only'), sandbox);
    const bare = await sandboxes.create({ ...all, id: 'bare', network: false, ipc: false, uts: false });
    assert.deepEqual(bare, { id: 'bare' });
    assert.deepEqual(await sandboxes.find('bare'), bare);
  });

  it('hold memory for those who share them, and take it along', async () => {
    const sandbox = await sandboxes.create({ ...all, id: 'memory', sharedMemoryBytes: 1 << 20 });
    const path = sandbox.sharedMemoryPath ?? '';
    assert.match(mounts().find((line) => line.includes(path)) ?? '', /nosuid,nodev,noexec.*[ ,]size=1024k/);
    writeFileSync(`${path}/mark`, 'x');
    assert.deepEqual(await sandboxes.find('memory'), sandbox);
    assert.deepEqual(await sandboxes.create({ ...all, id: 'memory', sharedMemoryBytes: 1 << 20 }), sandbox);
    assert.equal(readFileSync(`${path}/mark`, 'utf8'), 'x');
    await sandboxes.remove('memory');
    assert.equal(await sandboxes.find('memory'), undefined);
    assert.equal(
      mounts().some((line) => line.includes(path)),
      false,
    );
  });

  it('take settings of their own namespaces', async () => {
    const sysctls = { 'net.ipv4.ip_default_ttl': '77', 'kernel.msgmax': '4444', 'fs.mqueue.msg_max': '11' };
    const sandbox = await sandboxes.create({ ...all, id: 'settings', sysctls });
    assert.equal(inside(sandbox, 'cat', '/proc/sys/net/ipv4/ip_default_ttl'), '77');
    assert.equal(inside(sandbox, 'cat', '/proc/sys/kernel/msgmax'), '4444');
    assert.notEqual(readFileSync('/proc/sys/kernel/msgmax', 'utf8').trim(), '4444');
    assert.notEqual(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8').trim(), '77');
  });

  it('refuse settings of the whole machine and unknown ones, and leave nothing behind', async () => {
    const refused = [
      'kernel.panic',
      'net/../kernel/panic',
      'vm.swappiness',
      'net.ipv4.no_such_setting',
      'net',
    ];
    for (const name of refused) {
      const work = sandboxes.create({ ...all, id: 'refused', sysctls: { [name]: '1' } });
      await assert.rejects(work, (error) => isEngineError(error, 'invalid'), name);
    }
    const shared = sandboxes.create({ ...all, id: 'refused', ipc: false, sysctls: { 'kernel.msgmax': '1' } });
    await assert.rejects(shared, (error) => isEngineError(error, 'invalid'));
    const named = sandboxes.create({ ...all, id: 'refused', hostname: 'x'.repeat(65) });
    await assert.rejects(named, (error) => isEngineError(error, 'invalid'));
    assert.ok(!(await sandboxes.list()).includes('refused'));
    assert.deepEqual(
      mounts().filter((line) => line.includes('refused')),
      [],
    );
  });

  it('refuse names that lead elsewhere', async () => {
    for (const id of ['', '..', 'a/b', '.hidden']) {
      await assert.rejects(sandboxes.create({ ...all, id }), (error) => isEngineError(error, 'invalid'), id);
      await assert.rejects(sandboxes.remove(id), (error) => isEngineError(error, 'invalid'), id);
    }
  });

  it('outlive the daemon and are found by the next one', async () => {
    const sandbox = await sandboxes.create({ ...all, id: 'lasting' });
    await sandboxes.close();
    sandboxes = createSandboxes({ execRoot });
    assert.deepEqual(await sandboxes.find('lasting'), sandbox);
    assert.ok((await sandboxes.list()).includes('lasting'));
    assert.equal(mounts().filter((line) => line.includes(` ${execRoot} `)).length, 1);
  });

  it('are gone, and cleaned away, after a reboot', async () => {
    const sandbox = await sandboxes.create({ ...all, id: 'rebooted' });
    for (const path of [sandbox.networkPath, sandbox.ipcPath]) unmount(path ?? '', unmountFlags.detach);
    assert.equal(await sandboxes.find('rebooted'), undefined);
    assert.ok(!(await sandboxes.list()).includes('rebooted'));
    assert.equal(await sandboxes.find('never-made'), undefined);
  });

  it('are removed once and again', async () => {
    await sandboxes.create({ ...all, id: 'brief' });
    await sandboxes.remove('brief');
    await sandboxes.remove('brief');
    assert.equal(await sandboxes.find('brief'), undefined);
    assert.deepEqual(
      mounts().filter((line) => line.includes('/brief/')),
      [],
    );
  });

  it('are seen by a mount namespace that was made before them', async () => {
    const script = 'echo ready; read path; stat -f -c %T "$path"';
    const child = spawn('unshare', ['--mount', '--propagation', 'slave', 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const { networkPath } = await sandboxes.create({ ...all, id: 'seen' });
    child.stdin.end(`${networkPath}\n`);
    const [answer] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(answer.toString().trim(), 'nsfs');
  });

  it('are made many at once', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map(async (id) => sandboxes.create({ ...all, id, hostname: id })));
    const last = await sandboxes.find('many-49');
    assert.equal(last === undefined ? '' : inside(last, 'uname', '-n'), 'many-49');
    await Promise.all(ids.map(async (id) => sandboxes.remove(id)));
  });
});
