import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PodEngine } from '#test/support/pods/pod-engine.ts';
import { container, pod } from '#test/support/pods/spec.ts';

let engine: PodEngine;
before(async () => (engine = await PodEngine.start({ serve: true })));
after(async () => engine[Symbol.asyncDispose]());

type Inspected = {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: { readonly NetworkMode: string };
};

const inspect = async (name: string): Promise<Inspected> =>
  engine.docker.json<Inspected>('GET', `/containers/${name}/json`);

const refusal = { status: 409 };

describe('a pod’s containers in the Docker dialect', () => {
  it('are listed with name, label and network of the pod', async () => {
    const beginning = Date.now();
    await engine.pods.create(pod({ id: 'seen', containers: [container({ name: 'seen-web' })] }), {
      boot: true,
    });
    await engine.pods.start('seen', {});
    const found = await inspect('seen-web');
    assert.equal(found.Name, '/seen-web');
    assert.equal(found.Config.Labels['io.gantry.pod'], 'seen');
    assert.equal(found.HostConfig.NetworkMode, 'container:seen');
    const listed = await engine.docker.json<{ Names: string[] }[]>('GET', '/containers/json', {
      query: { filters: JSON.stringify({ label: ['io.gantry.pod=seen'] }) },
    });
    assert.deepEqual(
      listed.map(({ Names }) => Names),
      [['/seen-web']],
    );
    const events = (await engine.extras.events(beginning)).filter(({ type }) => type === 'pod');
    assert.deepEqual(
      events.map(({ action, actorId }) => [action, actorId]),
      [
        ['create', 'seen'],
        ['start', 'seen'],
      ],
    );
  });

  it('cannot be taken out of a running pod', async () => {
    await assert.rejects(
      engine.docker.json('DELETE', '/containers/seen-web', { query: { force: 1 } }),
      refusal,
    );
    await engine.docker.json('POST', '/containers/seen-web/stop', { query: { t: 0 } });
    await assert.rejects(engine.docker.json('DELETE', '/containers/seen-web'), refusal);
    await engine.docker.json('POST', '/containers/prune');
    assert.equal((await inspect('seen-web')).State.Running, false);
    await engine.docker.json('POST', '/containers/seen-web/start');
    await engine.docker.json('POST', '/containers/seen-web/restart', { query: { t: 0 } });
    assert.equal((await inspect('seen-web')).State.Running, true);
  });

  it('cannot be started in a pod at rest, and can be removed from one', async () => {
    await engine.pods.stop('seen', { timeoutSeconds: 0 });
    await assert.rejects(engine.docker.json('POST', '/containers/seen-web/start'), refusal);
    await assert.rejects(engine.docker.json('POST', '/containers/seen-web/restart'), refusal);
    await engine.docker.json('DELETE', '/containers/seen-web');
    assert.deepEqual((await engine.pods.inspect('seen')).containers, []);
    await engine.pods.start('seen', {});
    await engine.pods.remove('seen', {});
  });

  it('lend their network to containers of their own', async () => {
    await engine.pods.create(pod({ id: 'lends', containers: [container({ name: 'lender' })] }), {
      boot: true,
    });
    await engine.pods.start('lends', {});
    const { Id } = await engine.docker.json<{ Id: string }>('POST', '/containers/create', {
      body: { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'container:lender' } },
    });
    await engine.docker.json('POST', `/containers/${Id}/start`);
    const ours = await engine.extras.exec('lender', ['ip', '-4', 'addr', 'show', 'eth0']);
    assert.equal((await engine.extras.exec(Id, ['ip', '-4', 'addr', 'show', 'eth0'])).output, ours.output);
    await engine.docker.json('DELETE', `/containers/${Id}`, { query: { force: 1 } });
    await engine.pods.remove('lends', { timeoutSeconds: 0 });
  });
});
