import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { containerOf, linesOf, podOf } from '#test/support/hyper/answers.ts';
import type { ClientRun } from '#test/support/hyper/client-run.ts';
import { clear } from '#test/support/hyper/cut-off.ts';
import { hyperctl, list, runDetached, start } from '#test/support/hyper/hyperctl.ts';
import { byKind, finish, readFrames } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, empty, json } from '#test/support/hyper/transcript.ts';

/** Runs of hyperctl 1.1 that look into a pod or signal it, call by call. */

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());
afterEach(async () => clear(daemon));

describe('hyperctl kill, pause, unpause', () => {
  it('send a signal, to a container or with -p to a pod', async () => {
    await runDetached(daemon, 'sig');
    await hyperctl(daemon, async (run) => {
      assert.equal(await run.call('POST /container/kill?container=sig&signal=9'), json(201, {}));
      assert.equal(await run.call('GET /exitcode?container=sig&exec='), json(200, 137));
      await start(run, 'sig');
      assert.equal(await run.call('POST /pod/kill?podName=sig&signal=9'), json(200, {}));
      assert.deepEqual(linesOf(await list(run, 'pod')), ['sig:sig::failed']);
    });
  });

  it('freeze a pod and thaw it', async () => {
    await runDetached(daemon, 'ice');
    await hyperctl(daemon, async (run) => {
      const word = async (): Promise<string | undefined> => linesOf(await list(run, 'pod'))[0]?.split(':')[3];
      assert.equal(await run.call('POST /pod/pause?podId=ice'), empty(204));
      assert.equal(await word(), 'paused');
      assertRefused(await run.call('POST /pod/pause?podId=ice'), 500, /pause: pod state is not valid: 3/u);
      assert.equal(await run.call('POST /pod/unpause?podId=ice'), empty(204));
      assert.equal(await word(), 'running');
      assertRefused(
        await run.call('POST /pod/unpause?podId=ice'),
        500,
        /unpause: pod state is not valid: 2/u,
      );
    });
  });
});

describe('hyperctl exec', () => {
  beforeEach(async () => {
    await runDetached(daemon, 'ex');
    await runDetached(daemon, 'pod-ex');
  });

  const exec = async (
    run: ClientRun,
    container: string,
    command: readonly string[],
    tty = '',
  ): Promise<string> => {
    const words = encodeURIComponent(JSON.stringify(command));
    const answer = await run.call(`POST /exec/create?command=${words}&container=${container}${tty}`);
    const id = bodyOf(answer, 201);
    assert.ok(typeof id === 'string');
    assert.match(id, /^exec-[A-Za-z]{10}$/u);
    assert.equal(answer, json(201, id));
    return id;
  };

  it('in a container: both outputs, and the exit code', async () => {
    await hyperctl(daemon, async (run) => {
      const id = await exec(run, 'ex', ['sh', '-c', 'cat; echo err >&2; exit 37'], '&tty=no');
      const wire = await run.hijack(`/exec/start?container=ex&exec=${id}`, 'in\n');
      assert.deepEqual(byKind(readFrames(await finish(wire))), [
        [1, 'in\n'],
        [2, 'err\n'],
      ]);
      assert.equal(await run.call(`GET /exitcode?container=ex&exec=${id}`), json(200, 37));
    });
  });

  it('in a pod: its first container is looked up', async () => {
    await hyperctl(daemon, async (run) => {
      const [line = ''] = linesOf(await list(run, 'container', '&pod=pod-ex&vm='));
      const [container = '', name, pod] = line.split(':');
      assert.deepEqual([name, pod], ['pod-ex', 'pod-ex']);
      const id = await exec(run, container, ['hostname']);
      const wire = await run.hijack(`/exec/start?container=${container}&exec=${id}`);
      assert.deepEqual(readFrames(await finish(wire)), [[1, 'pod-ex\n']]);
      assert.equal(await run.call(`GET /exitcode?container=${container}&exec=${id}`), json(200, 0));
    });
  });

  it('-t: a terminal, raw, then the info of the container', async () => {
    await hyperctl(daemon, async (run) => {
      const id = await exec(run, 'ex', ['sh', '-c', 'read go; stty size'], '&tty=yes');
      const wire = await run.hijack(`/exec/start?container=ex&exec=${id}`);
      await until(
        async () => (await run.call(`POST /tty/resize?container=ex&exec=${id}&h=31&w=97`)) === empty(200),
        'it has a terminal',
      );
      await wire.send('go\n');
      assert.equal(await wire.rest(), 'go\r\n31 97\r\n');
      wire.halfClose();
      const { status } = containerOf(await run.call('GET /container/info?container=ex'));
      assert.equal(status.phase, 'running');
    });
  });

  it('-m: in the sandbox, raw', async () => {
    await hyperctl(daemon, async (run) => {
      const words = encodeURIComponent(JSON.stringify(['sh', '-c', 'echo out; echo err >&2']));
      const wire = await run.hijack(`/execvm?command=${words}&pod=pod-ex`);
      assert.deepEqual((await finish(wire)).split('\n').toSorted(), ['', 'err', 'out']);
    });
  });
});

describe('hyperctl attach, logs', () => {
  it('to a container or the first one of a pod', async () => {
    for (const name of ['att', 'pod-att']) {
      await runDetached(daemon, name, 'while read line; do echo "<$line>"; done; exit 4');
      await hyperctl(daemon, async (run) => {
        if (name.includes('pod-')) {
          const { spec } = podOf(await run.call(`GET /pod/info?podName=${name}`));
          assert.equal(spec.containers[0]?.name, `/${name}`);
        } else {
          const { container } = containerOf(await run.call(`GET /container/info?container=${name}`));
          assert.equal(container.tty, undefined);
        }
        const wire = await run.hijack(`/attach?container=${name}`, 'a\nb\n');
        assert.deepEqual(readFrames(await finish(wire)), [[1, '<a>\n<b>\n']]);
        assert.equal(await run.call(`GET /exitcode?container=${name}&exec=`), json(200, 4));
      });
      await clear(daemon);
    }
    await hyperctl(daemon, async (run) => {
      assertRefused(await run.call('GET /container/info?container=nobody'), 500, /nobody/u);
      assertRefused(await run.call('GET /pod/info?podName=pod-nobody'), 500, /pod-nobody/u);
    });
  });

  it('read the info first, then frames or a terminal’s bytes', async () => {
    for (const tty of [false, true]) {
      await runDetached(daemon, 'log', 'echo one; echo two; printf three', { tty });
      await hyperctl(daemon, async (run) => run.call('GET /exitcode?container=log&exec='));
      for (const [flags, text] of [
        ['follow=no&since=&tail=', 'one two three'],
        ['follow=yes&since=&tail=all', 'one two three'],
        ['follow=no&since=0&tail=2', 'two three'],
      ] as const)
        await hyperctl(daemon, async (run) => {
          const { container } = containerOf(await run.call('GET /container/info?container=log'));
          assert.equal(container.tty === true, tty);
          const query = `container=log&${flags}&stderr=yes&stdout=yes&timestamps=no`;
          const answer = await run.call(`GET /container/logs?${query}`);
          const head = 'HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n\n';
          assert.ok(answer.startsWith(head), answer);
          const body = answer.slice(head.length);
          const said = tty
            ? body
            : readFrames(body)
                .map(([, part]) => part)
                .join('');
          assert.equal(said.split(/\r?\n/u).join(' '), text);
        });
      await clear(daemon);
    }
  });
});

describe('hyperctl ports', () => {
  it('add, ls, delete', async () => {
    await runDetached(daemon, 'net');
    await hyperctl(daemon, async (run) => {
      const path = '/pod/net/portmappings';
      assert.equal(await run.call(`GET ${path}`), json(200, { portMappings: [] }));
      const mapping = { containerPort: '80', hostPort: '45911', protocol: 'tcp' };
      assert.equal(await run.call(`PUT ${path}/add`, { body: [mapping] }), empty(204));
      assert.equal(await run.call(`GET ${path}`), json(200, { portMappings: [mapping] }));
      assert.equal(await run.call(`PUT ${path}/delete`, { body: [mapping] }), empty(204));
      assert.equal(await run.call(`GET ${path}`), json(200, { portMappings: [] }));
      assertRefused(await run.call('GET /pod/nobody/portmappings'), 404, /nobody/u);
    });
  });
});
