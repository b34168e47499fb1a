import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  addressOf,
  hear,
  herald,
  killPod,
  removePod,
  runPod,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { assertRefused, bodyOf, DIALECTS, empty, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Mapping = {
  readonly containerPort?: string;
  readonly hostPort?: string;
  readonly protocol?: string;
};

/** Ports of the host that are free, one after the other; out of the range from which the kernel hands them out. */
const base = 21_000 + (process.pid % 10_000);
const port = (offset: number): string => String(base + offset);

const tcp = (containerPort: string, hostPort: string): Mapping => ({
  containerPort,
  hostPort,
  protocol: 'tcp',
});
const udp = (containerPort: string, hostPort: string): Mapping => ({
  containerPort,
  hostPort,
  protocol: 'udp',
});

const change = async (pod: string, action: string, body: object | string): Promise<string> =>
  tell(daemon, `PUT /pod/${pod}/portmappings/${action}`, { body, type: 'text/plain' });

const assertListed = async (pod: string, mappings: readonly Mapping[]): Promise<void> =>
  assert.equal(await tell(daemon, `GET /pod/${pod}/portmappings`), json(200, { portMappings: mappings }));

const says = async (offset: number, name: string): Promise<unknown> =>
  until(async () => (await hear('127.0.0.1', base + offset)) === name, `${name} at ${port(offset)}`);

const isSilent = async (offset: number): Promise<void> =>
  assert.equal(await hear('127.0.0.1', base + offset), undefined);

describe('the port mappings of a pod', () => {
  before(async () => {
    await runPod(daemon, {
      id: 'mapped',
      containers: [
        herald('eighty', 80, { ports: [{ containerPort: 53, hostPort: base + 1, protocol: 'UDP' }] }),
        herald('ninety', 90, { ports: [{ containerPort: 90, hostPort: base + 2 }] }),
      ],
      portmappings: [udp('54', port(3)), { containerPort: '80', hostPort: port(0) }],
    });
  });
  after(async () => removePod(daemon, 'mapped'));

  it('are those of the pod and of its containers, tcp first, in any dialect', async () => {
    const mappings = [tcp('80', port(0)), tcp('90', port(2)), udp('54', port(3)), udp('53', port(1))];
    await assertListed('mapped', mappings);
    for (const { at } of DIALECTS) {
      const [request, telling] = at('GET /pod/mapped/portmappings');
      assert.equal(await tell(daemon, request, telling), json(200, { portMappings: mappings }));
    }
    await says(0, 'eighty');
    await says(2, 'ninety');
  });

  it('that are added come first, whatever the content type says', async () => {
    assert.equal(await change('mapped', 'add', [tcp('80', port(5)), tcp('90', port(6))]), empty(204));
    assert.equal(await change('mapped', 'add', [{ containerPort: '90', hostPort: port(7) }]), empty(204));
    await assertListed('mapped', [
      tcp('90', port(7)),
      tcp('80', port(5)),
      tcp('90', port(6)),
      tcp('80', port(0)),
      tcp('90', port(2)),
      udp('54', port(3)),
      udp('53', port(1)),
    ]);
    await says(5, 'eighty');
    await says(7, 'ninety');
    assert.equal(await change('mapped', 'add', []), empty(204));
  });

  it('go by protocol and container port, and what is not there is gone', async () => {
    assert.equal(await change('mapped', 'delete', [tcp('90', '1'), udp('53', '')]), empty(204));
    await assertListed('mapped', [tcp('80', port(5)), tcp('80', port(0)), udp('54', port(3))]);
    for (const offset of [2, 6, 7]) await isSilent(offset);
    await says(5, 'eighty');
    // Without a protocol it is tcp.
    assert.equal(await change('mapped', 'delete', [{ containerPort: '54' }, tcp('1', '1')]), empty(204));
    await assertListed('mapped', [tcp('80', port(5)), tcp('80', port(0)), udp('54', port(3))]);
  });

  it('are given back when it stops and taken again when it starts', async () => {
    await killPod(daemon, 'mapped');
    await isSilent(0);
    await assertListed('mapped', [tcp('80', port(5)), tcp('80', port(0)), udp('54', port(3))]);
    assertRefused(await change('mapped', 'add', [tcp('80', port(8))]), 500, /not running/u);
    await startPod(daemon, 'mapped');
    await says(0, 'eighty');
    await says(5, 'eighty');
  });
});

describe('changes of port mappings are refused', () => {
  before(async () => {
    await runPod(daemon, { id: 'strict', containers: [], portmappings: [tcp('80', port(20))] });
  });
  after(async () => removePod(daemon, 'strict'));

  const assertUnchanged = async (): Promise<void> => assertListed('strict', [tcp('80', port(20))]);

  it('to pods that nobody knows, 404', async () => {
    assertRefused(await tell(daemon, 'GET /pod/nobody/portmappings'), 404, /nobody/u);
    for (const action of ['add', 'delete'])
      assertRefused(await change('nobody', action, [tcp('80', port(21))]), 404, /nobody/u);
  });

  it('by another word than add and delete, 400', async () => {
    for (const action of ['remove', 'ADD', 'list'])
      assertRefused(await change('strict', action, [tcp('80', port(21))]), 400, /Only add or delete/u);
    await assertUnchanged();
  });

  it('where the body is not JSON of mappings, 400', async () => {
    for (const body of ['', '{', 'x', '{}', '[{"containerPort":80}]', '["80"]', '"80"'])
      for (const action of ['add', 'delete']) assertRefused(await change('strict', action, body), 400, /./u);
    await assertUnchanged();
  });

  it('where ports make no sense, 500', async () => {
    for (const [mapping, words] of [
      [tcp('http', '80'), /parsing "http"/u],
      [tcp('', port(21)), /parsing ""/u],
      [tcp('65536', port(21)), /parsing "65536"/u],
      [tcp('90-80', port(21)), /max 80 is smaller than min 90/u],
      [tcp('80-82', `${port(21)}-${port(22)}`), /mismatch: .* vs 80-82/u],
      [tcp('80-82', port(21)), /mismatch: .* vs 80-82/u],
      [tcp('80', '-1'), /parsing ""/u],
      [{ ...tcp('80', port(21)), protocol: 'sctp' }, /protocol sctp/u],
    ] as const)
      // One of them is enough.
      assertRefused(await change('strict', 'add', [tcp('70', port(25)), mapping]), 500, words);
    await assertUnchanged();
    await isSilent(25);
  });

  it('where the port of the host is in use, 500, and nothing of it stays', async () => {
    for (const taken of [port(20), await portOfAnother()]) {
      const added = await change('strict', 'add', [tcp('70', port(26)), tcp('71', taken)]);
      assertRefused(added, 500, new RegExp(taken, 'u'));
      await assertUnchanged();
    }
    // What came before the one in use is free.
    assert.equal(await change('strict', 'add', [tcp('70', port(26))]), empty(204));
    assert.equal(await change('strict', 'delete', [tcp('70', '')]), empty(204));
  });

  const server = createServer();
  const portOfAnother = async (): Promise<string> => {
    await once(server.listen(0, '0.0.0.0'), 'listening');
    const address = server.address();
    return String(typeof address === 'object' ? address?.port : 0);
  };
  after(() => server.close());
});

describe('ports of a mapping', () => {
  after(async () => removePod(daemon, 'ranges'));

  it('go one to one where both are ranges', async () => {
    const range = tcp('80-81', `${port(40)}-${port(41)}`);
    await runPod(daemon, {
      id: 'ranges',
      containers: [herald('r-80', 80), herald('r-81', 81)],
      portmappings: [range],
    });
    await says(40, 'r-80');
    await says(41, 'r-81');
    await assertListed('ranges', [range]);
    assert.equal(await change('ranges', 'delete', [tcp('80-81', '')]), empty(204));
    await isSilent(40);
    await isSilent(41);
  });

  it('are the first free ones of a range of the host', async () => {
    const among = tcp('80', `${port(45)}-${port(47)}`);
    assert.equal(await change('ranges', 'add', [tcp('81', port(45))]), empty(204));
    assert.equal(await change('ranges', 'add', [among]), empty(204));
    await says(46, 'r-80');
    await assertListed('ranges', [tcp('80', port(46)), tcp('81', port(45))]);
    assert.equal(await change('ranges', 'delete', [tcp('80', ''), tcp('81', '')]), empty(204));
  });

  it('are any free ones where none are asked for, and the list tells which', async () => {
    for (const hostPort of ['', '0']) {
      assert.equal(await change('ranges', 'add', [tcp('80', hostPort)]), empty(204));
      const answer = await tell(daemon, 'GET /pod/ranges/portmappings');
      const { portMappings } = bodyOf(answer) as { portMappings: { hostPort: string }[] };
      const given = Number(portMappings[0]?.hostPort);
      assert.ok(given > 1024);
      await until(async () => (await hear('127.0.0.1', given)) === 'r-80', `r-80 at ${given}`);
      assert.equal(await change('ranges', 'delete', [tcp('80', '')]), empty(204));
      assert.equal(await hear('127.0.0.1', given), undefined);
    }
  });
});

describe('white lists', () => {
  after(async () => removePod(daemon, 'walled'));

  const raise = async (lists: object): Promise<string> => {
    await removePod(daemon, 'walled').catch(() => undefined);
    await runPod(daemon, {
      id: 'walled',
      containers: [herald('mapped-port', 80), herald('other-port', 81)],
      portmappings: [tcp('80', '')],
      portmappingWhiteLists: lists,
    });
    return addressOf(daemon, 'walled');
  };
  const answers = async (address: string, at: number, name: string): Promise<unknown> =>
    until(async () => (await hear(address, at)) === name, `${name} at ${address}`);
  const ELSEWHERE = '203.0.113.0/24';
  const EVERYWHERE = '0.0.0.0/0';

  it('let external networks reach mapped ports only, which follow the mappings', async () => {
    const address = await raise({ internalNetworks: [ELSEWHERE], externalNetworks: [EVERYWHERE] });
    await answers(address, 80, 'mapped-port');
    assert.equal(await hear(address, 81), undefined);
    assert.equal(await change('walled', 'add', [tcp('81', '')]), empty(204));
    await answers(address, 81, 'other-port');
    assert.equal(await change('walled', 'delete', [tcp('81', '')]), empty(204));
    assert.equal(await hear(address, 81), undefined);
  });

  it('let internal networks reach every port, and nobody else any', async () => {
    const address = await raise({ internalNetworks: [EVERYWHERE], externalNetworks: [ELSEWHERE] });
    await answers(address, 81, 'other-port');
    const closed = await raise({ internalNetworks: [ELSEWHERE], externalNetworks: [ELSEWHERE] });
    assert.equal(await hear(closed, 80), undefined);
  });

  it('hold only where both have something in them', async () => {
    for (const lists of [{ internalNetworks: [ELSEWHERE] }, { externalNetworks: [ELSEWHERE] }])
      await answers(await raise(lists), 81, 'other-port');
  });
});
