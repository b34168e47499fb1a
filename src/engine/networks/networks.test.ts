import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Network } from '#domain/network/network.ts';
import { FakeClock } from '#test/fakes/fake-clock.ts';
import { MemoryStateStore } from '#test/fakes/memory-state-store.ts';
import { AddressBook } from './address-book.ts';
import { createNetworks, ensurePredefinedNetworks } from './networks.ts';

const settings = (cidr: string): Parameters<typeof ensurePredefinedNetworks>[0]['settings'] => ({
  version: '0',
  dataRoot: '',
  tag: '',
  bridge: { name: 'br0', cidr, mtu: 1500 },
  cgroupParent: '',
  labels: [],
  insecureRegistries: [],
  registryMirrors: [],
  defaultLogDriver: '',
  defaultLogOptions: {},
  initByDefault: false,
  debug: false,
});

describe('predefined networks', () => {
  it('exist, keep their ids, and follow the settings', () => {
    const state = new MemoryStateStore();
    const clock = new FakeClock();
    ensurePredefinedNetworks({ state, clock, settings: settings('172.30.0.1/16') });
    const before = state.networks.list();
    assert.deepEqual(
      before.map(({ name, driver }) => [name, driver]),
      [
        ['bridge', 'bridge'],
        ['host', 'host'],
        ['none', 'null'],
      ],
    );
    assert.deepEqual([before[0]?.subnet, before[0]?.gateway], ['172.30.0.0/16', '172.30.0.1']);
    ensurePredefinedNetworks({ state, clock, settings: settings('10.9.0.1/24') });
    const after = state.networks.list();
    assert.deepEqual(
      after.map(({ id }) => id),
      before.map(({ id }) => id),
    );
    assert.equal(after[0]?.subnet, '10.9.0.0/24');
  });

  it('are found by name, id and prefix', () => {
    const state = new MemoryStateStore();
    ensurePredefinedNetworks({ state, clock: new FakeClock(), settings: settings('172.30.0.1/16') });
    const networks = createNetworks({ state });
    const { id } = networks.get('host');
    assert.equal(networks.get(id).name, 'host');
    assert.equal(networks.get(id.slice(0, 12)).name, 'host');
    assert.throws(() => networks.get('nope'), { kind: 'not-found', code: 'network.not-found' });
  });
});

describe('address book', () => {
  const network: Network = {
    id: 'n',
    name: 'net',
    driver: 'bridge',
    createdAt: 0,
    subnet: '10.0.0.0/29',
    gateway: '10.0.0.1',
    bridge: 'br0',
    options: {},
    labels: {},
  };

  it('gives every address but the gateway once, and says when none is left', () => {
    const book = new AddressBook();
    const taken = Array.from({ length: 5 }, (_, index) => book.take(network, `c${index}`).address);
    assert.deepEqual(taken, ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
    assert.throws(() => book.take(network, 'more'), { code: 'network.no-addresses' });
    book.release('c2');
    assert.equal(book.take(network, 'more').address, '10.0.0.4');
  });

  it('gives a wanted address only inside the network and when free', () => {
    const book = new AddressBook();
    assert.deepEqual(book.take(network, 'a', '10.0.0.4'), { address: '10.0.0.4', prefixLength: 29 });
    for (const [wanted, code] of [
      ['10.0.0.4', 'network.address-in-use'],
      ['10.0.0.1', 'network.address-in-use'],
      ['10.0.0.0', 'network.address-outside'],
      ['10.0.0.7', 'network.address-outside'],
      ['10.0.1.4', 'network.address-outside'],
      ['what', 'network.address-outside'],
    ] as const) {
      assert.throws(() => book.take(network, 'b', wanted), { code }, wanted);
    }
  });

  it('adopts what is in use already', () => {
    const book = new AddressBook();
    book.adopt(network, 'a', '10.0.0.2');
    assert.equal(book.take(network, 'b').address, '10.0.0.3');
  });
});
