import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { herald, killPod, removePod, runExec, runPod, startPod } from '#test/support/hyper/pod-client.ts';
import { assertRefused, DIALECTS, json, PAGE_NOT_FOUND, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

type Service = {
  readonly serviceIP?: string;
  readonly servicePort?: number;
  readonly protocol?: string;
  readonly hosts?: readonly { readonly hostIP: string; readonly hostPort: number }[];
};

const SUCCESS = json(200, ['Result=success']);
const FORM = 'application/x-www-form-urlencoded';

const service = (servicePort: number, protocol = 'tcp', hostPort = 81): Service => ({
  serviceIP: '10.254.0.1',
  servicePort,
  protocol,
  hosts: [{ hostIP: '127.0.0.1', hostPort }],
});

const params = (services: unknown): string =>
  `podId=served&services=${encodeURIComponent(typeof services === 'string' ? services : JSON.stringify(services))}`;

const add = async (services: unknown): Promise<string> =>
  tell(daemon, `POST /service/add?${params(services)}`);
const update = async (services: unknown): Promise<string> =>
  tell(daemon, `POST /service/update?${params(services)}`);
const remove = async (services: unknown): Promise<string> =>
  tell(daemon, `DELETE /service?${params(services)}`);

const assertListed = async (services: readonly Service[] | null): Promise<void> =>
  assert.equal(await tell(daemon, 'GET /service/list?podId=served'), json(200, services));

describe('the services of a pod', () => {
  before(async () => {
    await runPod(daemon, { id: 'served', containers: [herald('one', 81), herald('two', 82)] });
  });
  after(async () => removePod(daemon, 'served'));

  /** What is said behind the service. */
  const answers = async (servicePort: number, name: string): Promise<unknown> =>
    until(async () => {
      const line = `nc -w 1 10.254.0.1 ${servicePort} < /dev/null`;
      return (await runExec(daemon, 'one', ['sh', '-c', line])).text === `${name}\n`;
    }, `${name} behind ${servicePort}`);

  it('are null where there are none', async () => {
    await assertListed(null);
    for (const word of ['podId', 'podName', 'pod'])
      assert.equal(await tell(daemon, `GET /service/list?${word}=served`), json(200, null));
  });

  it('are added, in the query or a form', async () => {
    assert.equal(await add([service(80)]), SUCCESS);
    await assertListed([service(80)]);
    await answers(80, 'one');
    const body = params([service(80, 'UDP')]);
    assert.equal(await tell(daemon, 'POST /service/add', { body, type: FORM }), SUCCESS);
    await assertListed([service(80), service(80, 'UDP')]);
    assert.equal(await add([]), SUCCESS);
    await assertListed([service(80), service(80, 'UDP')]);
  });

  it('are not added twice, and then none of them is', async () => {
    assertRefused(await add([service(90), service(80, 'tcp', 99)]), 409, /10\.254\.0\.1:80@tcp conflicts/u);
    assertRefused(await add([service(90), service(90, 'tcp', 99)]), 409, /conflict: 10\.254\.0\.1:90@tcp/u);
    await assertListed([service(80), service(80, 'UDP')]);
  });

  it('are replaced all together', async () => {
    assertRefused(await update([service(90), service(90)]), 409, /conflict/u);
    assert.equal(await update([service(80, 'tcp', 82), service(90)]), SUCCESS);
    await assertListed([service(80, 'tcp', 82), service(90)]);
    await answers(80, 'two');
    await answers(90, 'one');
    const body = params([service(90, 'tcp', 82)]);
    assert.equal(await tell(daemon, 'POST /service/update', { body, type: FORM }), SUCCESS);
    await assertListed([service(90, 'tcp', 82)]);
    await answers(90, 'two');
  });

  it('go by address, port and protocol; what is not there is gone', async () => {
    await add([service(91), service(91, 'udp')]);
    const { hosts: _, ...bare } = service(91);
    assert.equal(await remove([bare, service(99)]), SUCCESS);
    await assertListed([service(90, 'tcp', 82), service(91, 'udp')]);
    assert.equal(await remove([service(91, 'udp'), service(90)]), SUCCESS);
    await assertListed(null);
  });

  it('are not for addresses, ports and protocols that are none', async () => {
    for (const [bad, words] of [
      [{ ...service(80), serviceIP: 'here' }, /serviceIP here/u],
      [service(0), /missing service IP or Port/u],
      [service(80, 'icmp'), /protocol type: icmp/u],
      [service(80, 'tcp', 70_000), /hostPort 70000/u],
      [{ ...service(80), hosts: [{ hostIP: '', hostPort: 1 }] }, /hostIP/u],
    ] as const) {
      assertRefused(await add([bad]), 500, words);
      assertRefused(await update([bad]), 500, words);
    }
    await assertListed(null);
  });

  it('have to be a list in JSON', async () => {
    for (const bad of ['', '{', '{}', 'x', '[1]', '[{"servicePort":"80"}]']) {
      assertRefused(await add(bad), 500, /./u);
      assertRefused(await update(bad), 500, /./u);
      assertRefused(await remove(bad), 500, /./u);
    }
    await assertListed(null);
  });

  it('stay while it rests, change there too, and hold again when it runs', async () => {
    assert.equal(await add([service(80)]), SUCCESS);
    await killPod(daemon, 'served');
    await assertListed([service(80)]);
    assert.equal(await add([service(90, 'tcp', 82)]), SUCCESS);
    await startPod(daemon, 'served');
    await answers(80, 'one');
    await answers(90, 'two');
  });

  it('keep the spelling of their protocol', async () => {
    for (const protocol of ['TCP', 'Tcp', 'UDP', 'udp']) {
      assert.equal(await update([service(80, protocol)]), SUCCESS);
      await assertListed([service(80, protocol)]);
    }
    assert.equal(await update([service(80, 'TCP')]), SUCCESS);
    await answers(80, 'one');
  });

  it('take turns', async () => {
    const hosts = [81, 82].map((hostPort) => ({ hostIP: '127.0.0.1', hostPort }));
    assert.equal(await update([{ ...service(80), hosts }]), SUCCESS);
    for (const name of ['one', 'two', 'one', 'two']) await answers(80, name);
  });

  it('are the same in every dialect', async () => {
    for (const { at } of DIALECTS) {
      const ask = async (request: string): Promise<string> => {
        const [text, telling] = at(request);
        return tell(daemon, text, telling);
      };
      assert.equal(await ask(`POST /service/update?${params([])}`), SUCCESS);
      assert.equal(await ask('GET /service/list?podId=served'), json(200, null));
      assert.equal(await ask(`POST /service/add?${params([service(80)])}`), SUCCESS);
      assert.equal(await ask('GET /service/list?podId=served'), json(200, [service(80)]));
      assert.equal(await ask(`DELETE /service?${params([service(80)])}`), SUCCESS);
      assert.equal(await ask('GET /service?podId=served'), PAGE_NOT_FOUND);
    }
  });

  it('of pods that nobody knows are an internal error', async () => {
    const services = encodeURIComponent('[]');
    for (const request of [
      'GET /service/list?podId=nobody',
      `POST /service/add?podId=nobody&services=${services}`,
      `POST /service/update?podId=nobody&services=${services}`,
      `DELETE /service?podId=nobody&services=${services}`,
    ])
      assertRefused(await tell(daemon, request), 500, /nobody/u);
  });
});
