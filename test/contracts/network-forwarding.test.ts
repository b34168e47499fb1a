/** Contract of NetworkDriver: the machine forwards what it was asked for, and no more. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { NetworkLab } from '#test/support/network/lab.ts';
import type { Place } from '#test/support/network/lab.ts';
import { enterOwnNetwork } from '#test/support/network/own-network.ts';

// A setting of a whole machine is turned here.
enterOwnNetwork();

const SETTING = '/proc/sys/net/ipv4/ip_forward';
const isForwarding = (): boolean => readFileSync(SETTING, 'utf8').trim() !== '0';

const reaches = (from: Place, to: string): boolean => {
  try {
    execFileSync('nsenter', [`--net=${from.path}`, 'ping', '-c', '1', '-W', '1', to], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('forwarding', () => {
  let lab: NetworkLab;
  let before: string;
  beforeEach(() => {
    before = readFileSync(SETTING, 'utf8');
    lab = new NetworkLab();
  });
  afterEach(async () => {
    await lab.close();
    writeFileSync(SETTING, before);
  });

  it('that nobody had asked for is for our bridges alone, also after a restart', async () => {
    const [one, other] = [await lab.outside('one'), await lab.outside('other')];
    writeFileSync(SETTING, '0');
    assert.equal(reaches(one, other.address), false);
    await lab.driver.ensureBridge(lab.bridgeRequest);
    assert.ok(isForwarding());
    assert.match(lab.warnings.join(), /forwarded nothing/);
    const inside = await lab.connected('inside');
    assert.ok(reaches(inside, one.address), 'containers reach what is outside');
    assert.equal(reaches(one, other.address), false, 'strangers do not reach each other');
    await lab.restartDriver();
    await lab.driver.ensureBridge(lab.bridgeRequest);
    assert.ok(reaches(inside, one.address));
    assert.equal(reaches(one, other.address), false);
    await lab.driver.disconnect('inside');
    await lab.driver.removeBridge(lab.bridge);
    assert.equal(isForwarding(), false, 'the last bridge switches it off again');
  });

  it('that was there goes on between all others', async () => {
    const [one, other] = [await lab.outside('one'), await lab.outside('other')];
    writeFileSync(SETTING, '1');
    await lab.driver.ensureBridge(lab.bridgeRequest);
    assert.ok(reaches(one, other.address));
    assert.equal(lab.warnings.join(), '');
    await lab.driver.removeBridge(lab.bridge);
    assert.ok(isForwarding(), 'it is not ours to switch off');
  });

  it('between bridges of others goes on: their makers need it', async () => {
    writeFileSync(SETTING, '0');
    await lab.driver.ensureBridge(lab.bridgeRequest);
    const [one, other] = [await lab.outside('one'), await lab.outside('other')];
    const cable = /gto[0-9a-f]+/.exec(lab.ip(`-o addr show to ${one.hostAddress}`))?.[0] ?? assert.fail();
    const bridge = `gtq${lab.tag.slice(0, 8)}`;
    lab.ip(`link add ${bridge} type bridge`);
    try {
      lab.ip(`addr del ${one.hostAddress}/30 dev ${cable}`);
      lab.ip(`link set ${cable} master ${bridge}`);
      lab.ip(`addr add ${one.hostAddress}/30 dev ${bridge}`);
      lab.ip(`link set ${bridge} up`);
      assert.ok(reaches(one, other.address));
      await lab.driver.removeBridge(lab.bridge);
      assert.ok(isForwarding(), 'somebody lives by it');
    } finally {
      lab.ip(`link del ${bridge}`);
    }
  });
});
