import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { assertNoLeaks, listFolder } from '#test/support/faults/machine.ts';
import {
  addressOf,
  createPod,
  idle,
  listed,
  podInfo,
  refusalOf,
  removePod,
  runPod,
  startPod,
  stopPod,
} from '#test/support/hyper/pod-client.ts';

/** What isolates pods, where the daemon's default is something that is not there yet. */
let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start({ args: ['--pod-isolation', 'vm'] })));
after(async () => daemon[Symbol.asyncDispose]());

const pod = (rest: object = {}): object => ({
  id: 'boxed',
  volumes: [{ name: 'data' }],
  containers: [idle('boxed-one', { volumes: [{ path: '/data', volume: 'data' }] })],
  ...rest,
});

const label = (word: string): object => ({ labels: { 'io.gantry.isolation': word } });

const nothingThere = async (): Promise<void> => {
  for (const item of ['pod', 'container', 'vm'] as const) assert.deepEqual(await listed(daemon, item), []);
  assert.deepEqual(listFolder(`${daemon.dataRoot}/pods`), []);
  await assertNoLeaks(daemon);
};

describe('isolation of pods', () => {
  it('vm, asked for or by default, is refused in words that help, and changes nothing', async () => {
    for (const [what, work] of [
      ['by default', () => createPod(daemon, pod())],
      ['in the pod', () => createPod(daemon, pod({ isolation: 'vm' }))],
      ['by label', () => createPod(daemon, pod(label('vm')))],
      ['over the label', () => createPod(daemon, pod({ isolation: 'vm', ...label('namespace') }))],
      [
        'with an image that is not there',
        () => createPod(daemon, pod({ containers: [{ image: 'nowhere/none' }] })),
      ],
      [
        'in the query',
        () => daemon.pods.json('POST', '/pod/create', { query: { podArgs: JSON.stringify(pod()) } }),
      ],
      ['run', () => daemon.pods.json('POST', '/pod/run', { query: { podArgs: JSON.stringify(pod()) } })],
      ['a VM by itself', () => daemon.pods.json('POST', '/vm/create', { query: { cpu: 1, mem: 128 } })],
    ] as const) {
      const { status, message } = await refusalOf(work());
      assert.equal(status, 501, what);
      assert.match(message, /^isolation vm is not implemented: .*--pod-isolation namespace/u, what);
    }
    await nothingThere();
  });

  it('of a kind that nobody knows is a mistake in the pod', async () => {
    for (const wrong of [{ isolation: 'cell' }, label('cell')]) {
      const { status, message } = await refusalOf(createPod(daemon, pod(wrong)));
      assert.equal(status, 500);
      assert.match(message, /isolation: .*cell/u);
    }
    await nothingThere();
  });

  it('namespace is there for who asks, also after a stop and another daemon', async () => {
    await runPod(daemon, pod({ isolation: 'namespace', ...label('vm') }));
    await removePod(daemon, 'boxed');
    await runPod(daemon, pod(label('namespace')));
    await stopPod(daemon, 'boxed');
    await daemon.restart();
    await startPod(daemon, 'boxed');
    assert.equal((await podInfo(daemon, 'boxed')).status.phase, 'Running');
    assert.equal((await listed(daemon, 'vm')).length, 1);
    await daemon.pods.json('POST', '/container/create', {
      query: { podId: 'boxed' },
      body: idle('boxed-two'),
    });
  });

  it('hyper0 is the bridge that pods share with containers, where they have none of their own', async () => {
    const beside = (await addressOf(daemon, 'boxed')).replace(/\d+$/u, '77');
    const interfaces = [{ bridge: 'hyper0', ip: `${beside}/24` }];
    await createPod(daemon, { id: 'named', interfaces, isolation: 'namespace', containers: [] });
    assert.deepEqual((await podInfo(daemon, 'named')).status.podIP, [`${beside}/24`]);
  });
});
