import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { addressOf, herald, idle, runExec, runPod, shell } from '#test/support/hyper/pod-client.ts';

/** What `GET /pod/stats` counts. */
let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Counts = Readonly<Record<string, number>>;
type Use = {
  readonly network: {
    readonly interfaces: readonly { readonly name: string; readonly rx_bytes: number }[];
    readonly tcp: Counts;
    readonly tcp6: Counts;
  };
  readonly block: Readonly<
    Record<string, readonly { readonly name: string; readonly major: number; readonly minor: number }[]>
  >;
  readonly memory: { readonly usage: number };
};
type Stats = Use & { readonly container_stats: readonly (Use & { readonly id: string })[] };

const stats = (podId: string): Promise<Stats> => daemon.pods.json('GET', '/pod/stats', { query: { podId } });

const both = ({ network: { tcp, tcp6 } }: Use, state: string): number =>
  (tcp[state] ?? 0) + (tcp6[state] ?? 0);

const deviceName = (key: string): string => {
  try {
    return basename(readlinkSync(`/sys/dev/block/${key}`));
  } catch {
    return key;
  }
};

describe('stats of a pod', () => {
  it('count connections by state, once for all of its containers', async () => {
    await runPod(daemon, {
      id: 'busy',
      containers: [
        herald('one', 80),
        // Both ends are in the pod: each is counted.
        shell(
          'two',
          'nc -l -p 81 -e cat & mkfifo /f; exec 3<>/f; while :; do nc 127.0.0.1 81 </f & wait $!; sleep 0.1; done',
        ),
      ],
    });
    await until(async () => both(await stats('busy'), 'Listen') >= 1, 'somebody listens');
    const found = await until(async () => {
      const now = await stats('busy');
      return both(now, 'Established') === 2 && now;
    }, 'both ends of a connection');
    const [first, second] = found.container_stats;
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(both(first, 'Established'), 2);
    assert.equal(both(second, 'Established'), 0);
    assert.deepEqual([first.network.interfaces.length, second.network.interfaces.length], [1, 0]);
    assert.ok(found.memory.usage >= first.memory.usage);
    assert.deepEqual(Object.keys(found.network.tcp), Object.keys(found.network.tcp6));
  });

  it('belong to this pod alone', async () => {
    await runPod(daemon, { id: 'calm', containers: [idle('calm-one')] });
    const { network } = await stats('calm');
    assert.deepEqual(new Set([...Object.values(network.tcp), ...Object.values(network.tcp6)]), new Set([0]));
    assert.notEqual(await addressOf(daemon, 'calm'), await addressOf(daemon, 'busy'));
  });

  it('name devices as the host does', async () => {
    await runExec(daemon, 'calm-one', ['dd', 'if=/dev/zero', 'of=/file', 'bs=1M', 'count=4', 'conv=fsync']);
    const { block, container_stats: each } = await stats('calm');
    for (const use of [block, ...each.map((one) => one.block)])
      for (const entries of Object.values(use))
        for (const { name, major, minor } of entries) assert.equal(name, deviceName(`${major}:${minor}`));
  });
});
