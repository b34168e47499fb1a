import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

/**
 * Clients of today decode strictly: an address with a prefix where a bare one belongs fails the whole command
 * (docker-modern.md 3.0). Every answer that carries such fields, at versions that such clients ask for.
 */

const isAddress = (value: unknown): boolean =>
  value === '' || (typeof value === 'string' && isIP(value) !== 0);

const isPrefix = (value: unknown): boolean => {
  if (value === '') return true;
  const [address = '', length = ''] = String(value).split('/');
  return isIP(address) !== 0 && /^\d{1,3}$/u.test(length);
};

const isMac = (value: unknown): boolean =>
  value === '' || /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/u.test(String(value));

const isTime = (value: unknown): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u.test(String(value)) &&
  Number.isFinite(Date.parse(String(value)));

const isListOrNull = (value: unknown): boolean => value === null || Array.isArray(value);

const isTextMap = (value: unknown): boolean =>
  value === null || Object.values(value as object).every((text) => typeof text === 'string');

const isPortMap = (value: unknown): boolean =>
  value === null ||
  Object.entries(value as object).every(
    ([key, bindings]: [string, unknown]) =>
      /^\d{1,5}(?:\/(?:tcp|udp|sctp))?$/u.test(key) &&
      (isListOrNull(bindings) || typeof bindings === 'object'),
  );

const MUST_BE: Readonly<Record<string, (value: unknown) => boolean>> = {
  IP: isAddress,
  IPAddress: isAddress,
  Gateway: isAddress,
  IPv6Gateway: isAddress,
  GlobalIPv6Address: isAddress,
  HostIp: isAddress,
  IPv4Address: isPrefix,
  IPv6Address: isPrefix,
  Subnet: isPrefix,
  IPRange: isPrefix,
  MacAddress: isMac,
  ExposedPorts: isPortMap,
  PortBindings: isPortMap,
  Cmd: isListOrNull,
  Entrypoint: isListOrNull,
  Shell: isListOrNull,
  Test: isListOrNull,
  Labels: isTextMap,
  Options: isTextMap,
  StartedAt: isTime,
  FinishedAt: isTime,
  Start: isTime,
  End: isTime,
  read: isTime,
  preread: isTime,
  InsecureRegistryCIDRs: (value) =>
    isListOrNull(value) && ((value as unknown[] | null) ?? []).every(isPrefix),
  DetachKeys: (value) => value === '' || /^[A-Za-z0-9+/]+=*$/u.test(String(value)),
};

/** Fields of the same names with other meanings. */
const isOther = (place: string): boolean => /\.IPAMConfig\b/u.test(place);

const complaints = (value: unknown, place: string): string[] => {
  if (Array.isArray(value)) return value.flatMap((item, index) => complaints(item, `${place}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const here = `${place}.${key}`;
    const test = Object.hasOwn(MUST_BE, key) && !isOther(here) ? MUST_BE[key] : undefined;
    const own = test === undefined || test(inner) ? [] : [`${here}: ${JSON.stringify(inner)}`];
    return [...own, ...complaints(inner, here)];
  });
};

describe('answers are of the types that strict clients take', () => {
  let daemon: TestDaemon;
  let busy: string;
  let ended: string;
  let exec: string;

  const post = async (path: string, body?: object): Promise<{ Id: string }> =>
    daemon.client.json<{ Id: string }>('POST', path, body === undefined ? {} : { body });

  before(async () => {
    daemon = await TestDaemon.start();
    const host = {
      PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }], '53/udp': [{ HostPort: '' }] },
      Dns: ['10.0.0.53'],
    };
    const Healthcheck = { Test: ['CMD', 'true'], Interval: 100_000_000 };
    const Labels = { number: '1' };
    const body = { Image: 'busybox', Cmd: ['sleep', '600'], Labels, Healthcheck, HostConfig: host };
    ({ Id: busy } = await post('/containers/create', {
      ...body,
      ExposedPorts: { '80/tcp': {}, '9/tcp': {} },
    }));
    await post(`/containers/${busy}/start`);
    ({ Id: ended } = await post('/containers/create', { Image: 'busybox', Cmd: ['true'] }));
    await post(`/containers/${ended}/start`);
    await post(`/containers/${ended}/wait`);
    ({ Id: exec } = await post(`/containers/${busy}/exec`, { Cmd: ['true'], DetachKeys: 'ctrl-a' }));
    await until(async () => {
      const { State } = await daemon.client.json<{ State: { Health: { Log: unknown[] } } }>(
        'GET',
        `/containers/${busy}/json`,
      );
      return State.Health.Log.length > 0;
    }, 'a probe has ended');
  });
  after(async () => daemon[Symbol.asyncDispose]());

  for (const version of ['1.24', '1.41', '1.44', '1.51'])
    it(version, async () => {
      const paths = [
        `/containers/${busy}/json?size=1`,
        `/containers/${ended}/json`,
        '/containers/json?all=1',
        `/containers/${busy}/stats?stream=0`,
        `/exec/${exec}/json`,
        '/networks',
        '/networks/bridge',
        '/images/json',
        '/images/busybox/json',
        '/volumes',
        '/info',
        '/version',
      ];
      for (const path of paths) {
        const { status, text } = await ask(daemon.socket, 'GET', `/v${version}${path}`, {});
        assert.equal(status, 200, `${path}: ${text}`);
        assert.deepEqual(complaints(JSON.parse(text), path), []);
      }
    });

  it('an exec that has not ended has no exit code', async () => {
    const { ExitCode } = await daemon.client.json<{ ExitCode: unknown }>('GET', `/exec/${exec}/json`);
    assert.equal(ExitCode, null);
  });

  it('nanoseconds of events are whole digits', async () => {
    const end = Math.floor(Date.now() / 1000) + 1;
    const { text } = await ask(daemon.socket, 'GET', `/v1.51/events?since=1&until=${end}`, {});
    const all = [...text.matchAll(/"timeNano":(\d+)[,}]/gu)].map(([, digits = '']) => digits);
    assert.ok(all.length > 0);
    for (const digits of all) assert.match(digits, /^\d{19}$/u);
  });

  it('errors are application/json and nothing more', async () => {
    const { headers, status } = await ask(daemon.socket, 'GET', '/v1.51/containers/nosuch/json', {});
    assert.equal(status, 404);
    assert.equal(headers['content-type'], 'application/json');
  });
});
