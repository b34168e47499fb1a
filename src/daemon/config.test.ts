import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildConfig } from './config.ts';
import { OptionError, parseConfigFile, parseFlags } from './options.ts';

void test('defaults are the documented ones', () => {
  const config = buildConfig({});
  assert.equal(config.dataRoot, '/var/lib/gantry');
  assert.equal(config.execRoot, '/run/gantry');
  assert.deepEqual(config.hosts, ['unix:///var/run/docker.sock']);
  assert.deepEqual(config.hyperHosts, ['unix:///var/run/hyper.sock']);
  assert.equal(config.bridge.cidr, '172.17.0.1/16');
});

void test('two data roots never share a tag or a bridge', () => {
  const [a, b] = [buildConfig({ 'data-root': '/a' }), buildConfig({ 'data-root': '/b' })];
  assert.notEqual(a.tag, b.tag);
  assert.notEqual(a.bridge.name, b.bridge.name);
  assert.match(a.bridge.name, /^gtr[0-9a-f]{6}$/);
});

void test('a bridge of the pods’ own stands beside the default one, in another subnet', () => {
  assert.equal(buildConfig({}).podBridge.cidr, '');
  const { tag, podBridge } = buildConfig({ 'hyper-bip': '10.1.0.1/24', mtu: '1400' });
  assert.deepEqual(podBridge, { name: `gtp${tag.slice(0, 6)}`, cidr: '10.1.0.1/24', mtu: 1400 });
  assert.throws(() => buildConfig({ 'hyper-bip': '10.1.0.1' }), /hyper-bip/);
  assert.throws(() => buildConfig({ 'hyper-bip': '10.1.0.300/24' }), /hyper-bip/);
  assert.throws(() => buildConfig({ 'hyper-bip': '172.17.9.1/24' }), /overlaps/);
});

void test('flags repeat, and win over the file', () => {
  const flags = parseFlags(['-H', 'unix:///x', '--host=tcp://127.0.0.1:1', '--data-root', '/d']);
  const file = parseConfigFile('{"data-root":"/f","labels":["a=b"],"mtu":1400}', 'f');
  const config = buildConfig({ ...file, ...flags });
  assert.deepEqual(config.hosts, ['unix:///x', 'tcp://127.0.0.1:1']);
  assert.equal(config.dataRoot, '/d');
  assert.deepEqual(config.labels, ['a=b']);
  assert.equal(config.bridge.mtu, 1400);
});

void test('options of the default log driver are key=value, in the file an object', () => {
  const file = parseConfigFile('{"log-driver":"local","log-opts":{"max-size":"10m"}}', 'f');
  const { logDriver, logOptions } = buildConfig({ ...file, ...parseFlags(['--log-opt', 'max-file=3']) });
  assert.deepEqual([logDriver, logOptions], ['local', { 'max-file': '3' }]);
  assert.deepEqual(buildConfig(file).logOptions, { 'max-size': '10m' });
});

void test('what cannot be understood is refused by name', () => {
  assert.throws(() => parseFlags(['--nope']), OptionError);
  assert.throws(() => parseConfigFile('{"nope":1}', 'f'), /nope/);
  assert.throws(() => parseConfigFile('{"hosts":"x"}', 'f'), /hosts must be a list/);
  assert.throws(() => parseConfigFile('[]', 'f'), OptionError);
  assert.throws(() => buildConfig({ bip: 'x' }), /bip/);
  assert.throws(() => buildConfig({ 'log-level': 'loud' }), /loud/);
  assert.throws(() => buildConfig({ 'pod-isolation': 'cell' }), /cell.*namespace, vm/);
  assert.throws(() => buildConfig({ 'log-driver': 'paper' }), /paper.*json-file/);
  assert.throws(() => buildConfig({ 'log-opt': ['max-size'] }), /key=value/);
  assert.throws(() => buildConfig({ 'log-opt': ['colour=red'] }), /log-opt: .*colour/);
  assert.throws(() => parseConfigFile('{"log-opts":["a=b"]}', 'f'), /log-opts must be/);
  assert.throws(() => buildConfig({ tlsverify: true, tlscert: 'c', tlskey: 'k' }), /tlscacert/);
});
