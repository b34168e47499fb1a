import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, listed, removePod } from '#test/support/hyper/pod-client.ts';
import { randomIdOf } from '#test/support/hyper/answers.ts';
import { assertRefused, bodyOf, DIALECTS, done, json, tell, tellAs } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const ask = async (request: string, body?: object): Promise<string> =>
  tell(daemon, request, body === undefined ? {} : { body });

const makeVm = async (query = '', prefix = '/v0.7.0'): Promise<string> => {
  const answer = await ask(`POST ${prefix}/vm/create${query}`);
  const { ID } = bodyOf(answer) as { ID: string };
  assert.match(ID, /^vm-[A-Za-z]{10}$/u);
  assert.equal(answer, done(200, ID));
  return ID;
};

const vms = async (): Promise<readonly (readonly string[])[]> => listed(daemon, 'vm');
const podLine = async (pod: string): Promise<readonly string[] | undefined> =>
  (await listed(daemon, 'pod')).find(([, name]) => name === pod);

const make = async (id: string, resource: object = {}, prefix = '/v0.7.0'): Promise<string> => {
  const body = { id, resource, containers: [idle(`${id}-c`, { StopSignal: 'KILL' })] };
  const answer = await ask(`POST ${prefix}/pod/create`, body);
  if (prefix < '/v0.8') return randomIdOf(answer, prefix < '/v0.6' ? 200 : 201);
  assert.equal(answer, done(201, id));
  return id;
};

afterEach(async () => {
  for (const [id = ''] of await listed(daemon, 'pod')) await removePod(daemon, id);
  for (const [id] of await vms()) await ask(`DELETE /v0.7.0/vm?vm=${id}`);
  assert.deepEqual(await vms(), []);
});

describe('a VM', () => {
  for (const { name, at } of DIALECTS)
    it(`is made, stands idle and goes: ${name}`, async () => {
      const say = async (request: string): Promise<string> => tellAs(daemon, { at }, request);
      const { ID } = bodyOf(await say('POST /vm/create?cpu=1&mem=64&async=yes')) as { ID: string };
      assert.match(ID, /^vm-[A-Za-z]{10}$/u);
      assert.deepEqual(await vms(), [[ID, '', 'idle']]);
      assert.equal(await say(`POST /vm/kill?vm=${ID}`), done(200, ID, 2));
      assert.deepEqual(await vms(), []);
    });

  it('has a number of processors and of megabytes, or the usual ones', async () => {
    for (const query of ['?cpu=many', '?mem=1g', '?cpu=1.5', '?mem=128&cpu=x'])
      assertRefused(await ask(`POST /v0.7.0/vm/create${query}`), 500, /invalid syntax/u);
    assert.deepEqual(await vms(), []);
    await make('usual');
    for (const query of ['', '?cpu=&mem=', '?cpu=1&mem=128', '?cpu=0&mem=-1']) {
      const vm = await makeVm(query);
      assert.equal(await ask(`POST /v0.7.0/pod/start?podId=usual&vmId=${vm}`), done(200, vm));
      await ask('POST /v0.7.0/pod/kill?podName=usual&signal=9');
      await ask(`DELETE /v0.7.0/vm?vm=${vm}`);
    }
  });

  it('takes in a pod of its size, and no other', async () => {
    const vm = await makeVm('?cpu=1&mem=64');
    await make('large', { vcpu: 1, memory: 96 });
    await make('wide', { vcpu: 2, memory: 64 });
    const fits = await make('fits', { vcpu: 1, memory: 64 });
    for (const id of ['large', 'wide'])
      assertRefused(
        await ask(`POST /v0.7.0/pod/start?podId=${id}&vmId=${vm}`),
        500,
        /new pod's (?:cpu|memory) setting is different/u,
      );
    assert.deepEqual(await vms(), [[vm, '', 'idle']]);
    assert.equal(await ask(`POST /v0.7.0/pod/start?podId=fits&vmId=${vm}`), done(200, vm));
    assert.deepEqual(await vms(), [[vm, fits, 'associated']]);
    assert.deepEqual(await podLine('fits'), [fits, 'fits', vm, 'running']);
    // One pod at a time.
    await make('second', { vcpu: 1, memory: 64 });
    assertRefused(
      await ask(`POST /v0.7.0/pod/start?podId=second&vmId=${vm}`),
      500,
      new RegExp(`in use by pod ${fits}`, 'u'),
    );
    assert.equal((await podLine('second'))?.[3], 'pending');
  });

  it('that nobody made is an error to older clients and nothing to newer ones', async () => {
    await make('older');
    assertRefused(await ask('POST /v0.7.0/pod/start?podId=older&vmId=vm-nobody'), 500, /vm-nobody/u);
    assertRefused(await ask('POST /v0.4.0/pod/start?podId=older&vmId=vm-nobody'), 500, /vm-nobody/u);
    assert.equal((await podLine('older'))?.[3], 'pending');
    assert.equal(await ask('POST /v1.1.0/pod/start?podId=older&vmId=vm-nobody'), json(200, {}));
  });

  it('is killed with whatever runs in it', async () => {
    for (const [request, code] of [
      ['POST /v0.4.0/vm/kill', 2],
      ['DELETE /v0.7.0/vm', 0],
    ] as const) {
      const vm = await makeVm();
      const inside = await make('inside');
      await ask(`POST /v0.7.0/pod/start?podId=inside&vmId=${vm}`);
      assert.equal(await ask(`${request}?vm=${vm}`), done(200, vm, code));
      assert.deepEqual(await vms(), []);
      assert.deepEqual(await podLine('inside'), [inside, 'inside', '', 'failed']);
      await removePod(daemon, 'inside');
    }
    // A pod's own is one too.
    const id = await make('own');
    await ask('POST /v0.7.0/pod/start?podId=own');
    const [[own = ''] = []] = await vms();
    assert.equal(await ask(`POST /v0.4.0/vm/kill?vm=${own}`), done(200, own, 2));
    assert.deepEqual(await podLine('own'), [id, 'own', '', 'failed']);
  });

  it('that nobody knows cannot be killed, but may be removed', async () => {
    assertRefused(await ask('POST /v0.4.0/vm/kill?vm=vm-nobody'), 500, /vm-nobody/u);
    assertRefused(await ask('POST /v0.4.0/vm/kill'), 500, /vm/u);
    assert.equal(await ask('DELETE /v0.7.0/vm?vm=vm-nobody'), done(200, 'vm-nobody'));
  });
});

describe('a pod that is stopped without its VM', () => {
  it('leaves it idle, for itself or another', async () => {
    for (const word of ['stopVm=no', 'stopVM=no', 'stopVm=NO']) {
      await make('first');
      const second = await make('second');
      await ask('POST /v0.7.0/pod/start?podId=first');
      const [[vm = ''] = []] = await vms();
      assert.equal(await ask(`POST /v0.7.0/pod/stop?podId=first&${word}`), done(200, 'first', 4));
      assert.deepEqual(await vms(), [[vm, '', 'idle']]);
      assert.deepEqual((await podLine('first'))?.slice(2), ['', 'failed']);
      assert.equal(await ask(`POST /v0.7.0/pod/start?podId=second&vmId=${vm}`), done(200, vm));
      assert.deepEqual(await vms(), [[vm, second, 'associated']]);
      assert.equal(await ask('POST /v0.7.0/pod/stop?podId=second&stopVm=no'), done(200, 'second', 4));
      assert.equal(await ask(`POST /v0.7.0/pod/start?podId=first&vmId=${vm}`), done(200, vm));
      assert.equal(await ask('POST /v0.7.0/pod/stop?podId=first&stopVm=yes'), done(200, 'first', 2));
      assert.deepEqual(await vms(), []);
      for (const id of ['first', 'second']) await removePod(daemon, id);
    }
  });

  it('loses it all the same to newer clients', async () => {
    await make('newer', {}, '/v1.1.0');
    await ask('POST /v1.1.0/pod/start?podId=newer');
    assert.equal(await ask('POST /v1.1.0/pod/stop?podId=newer&stopVm=no'), done(200, 'newer'));
    assert.deepEqual(await vms(), []);
  });

  it('is replaced by another in it, as the 0.4 client does it', async () => {
    await make('a', {}, '/v0.4.0');
    await make('b', {}, '/v0.4.0');
    assert.equal(await ask('POST /v0.4.0/pod/start?podId=a'), done(200, ''));
    const { vm } = bodyOf(await ask('GET /v0.4.0/pod/info?podName=a'), 201) as { vm: string };
    assert.equal(await ask('POST /v0.4.0/pod/stop?podId=a&stopVm=no'), done(200, 'a', 4));
    assert.equal(await ask(`POST /v0.4.0/pod/start?podId=b&vmId=${vm}`), done(200, vm));
    const { vm: now } = bodyOf(await ask('GET /v0.4.0/pod/info?podName=b'), 201) as { vm: string };
    assert.equal(now, vm);
    assert.equal(await ask(`POST /v0.4.0/vm/kill?vm=${vm}`), done(200, vm, 2));
  });
});
