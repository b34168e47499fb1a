import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { PortRequest } from '#engine/ports/network.ts';
import { NetworkLab } from '#test/support/network/lab.ts';
import type { Place } from '#test/support/network/lab.ts';
import { enterOwnNetwork } from '#test/support/network/own-network.ts';

// Where nobody else takes a port by chance.
enterOwnNetwork();

const between = (
  hostPortFirst: number,
  hostPortLast: number,
  wish: Partial<PortRequest> = {},
): PortRequest => ({
  containerPort: 80,
  protocol: 'tcp',
  hostIp: '127.0.0.1',
  hostPortFirst,
  hostPortLast,
  ...wish,
});
const any = (wish: Partial<PortRequest> = {}): PortRequest => between(0, 0, wish);
const exactly = (port: number, wish: Partial<PortRequest> = {}): PortRequest => between(port, port, wish);

describe('Ports of one owner', () => {
  const lab = new NetworkLab();
  let place: Place;
  before(async () => {
    await lab.driver.ensureBridge(lab.bridgeRequest);
    place = await lab.connected('a');
  });
  after(async () => lab.close());

  const publish = async (owner: string, ports: readonly PortRequest[]): Promise<number[]> => {
    const published = await lab.driver.publish(owner, place.address, ports);
    return published.map(({ hostPort }) => hostPort);
  };

  it('that must be these are taken before those that may be any', async () => {
    const [last = 0] = await publish('probe', [any()]);
    const wanted = [
      any(),
      any({ protocol: 'udp' }),
      exactly(last + 1),
      exactly(last + 2, { protocol: 'udp' }),
    ];
    const ports = await publish('a', wanted);
    // In the order that was asked for.
    assert.deepEqual(ports.slice(2), [last + 1, last + 2]);
    assert.ok(ports[0] !== undefined && ports[0] > last + 1);
    await lab.driver.unpublish('a');
    await lab.driver.unpublish('probe');
  });

  it('with fewer choices are taken before those with more', async () => {
    assert.deepEqual(
      await publish('a', [between(8000, 8010), between(8000, 8001), exactly(8000), between(8000, 8002)]),
      [8003, 8001, 8000, 8002],
    );
    const others = await publish('b', [between(8000, 8010), exactly(8004)]);
    assert.deepEqual(others, [8005, 8004]);
    await lab.driver.unpublish('a');
    await lab.driver.unpublish('b');
  });

  it('have a range for each address and protocol', async () => {
    const everywhere = ['127.0.0.1', '127.0.0.2', '::1'].flatMap((hostIp) =>
      (['tcp', 'udp'] as const).map((protocol) => between(8100, 8101, { hostIp, protocol })),
    );
    assert.deepEqual(
      await publish('a', everywhere),
      everywhere.map(() => 8100),
    );
    assert.deepEqual(
      await publish('b', [exactly(8101), between(8100, 8101, { hostIp: '127.0.0.3' })]),
      [8101, 8100],
    );
    await lab.driver.unpublish('a');
    await lab.driver.unpublish('b');
  });

  it('are given back when one cannot be had', async () => {
    await publish('rival', [exactly(8200)]);
    const work = publish('a', [any(), between(8201, 8202), exactly(8200)]);
    await assert.rejects(work, (error) => isEngineError(error, 'conflict'));
    assert.deepEqual(await publish('b', [between(8201, 8202)]), [8201]);
    await lab.driver.unpublish('rival');
    await lab.driver.unpublish('b');
  });
});
