import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { logOf, makeImage, outputOf } from '#test/support/hyper/one-shot.ts';
import type { OneShot } from '#test/support/hyper/one-shot.ts';
import { idle, removePod, runExec, runPod } from '#test/support/hyper/pod-client.ts';
import { done, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const says = async (shot: OneShot): Promise<string> => outputOf(daemon, shot);

describe('what runs', () => {
  it('is the command after the entrypoint', async () => {
    const echo = { entrypoint: ['echo', 'entry'], command: ['and', 'command'] };
    assert.equal(await says({ line: '', container: echo }), 'entry and command\n');
    await makeImage(
      daemon,
      'worded',
      'ENTRYPOINT ["echo","of the image"]',
      'CMD ["and its command"]',
      'WORKDIR /srv',
    );
    const image = 'worded';
    assert.equal(
      await says({ line: '', container: { image, command: [] } }),
      'of the image and its command\n',
    );
    assert.equal(await says({ line: '', container: { image, command: ['mine'] } }), 'of the image mine\n');
    const both = { image, entrypoint: ['pwd'], command: null };
    assert.equal(await says({ line: '', container: both }), '/srv\n');
    const elsewhere = { image, entrypoint: ['pwd'], command: null, workdir: '/made/for/it' };
    assert.equal(await says({ line: '', container: elsewhere }), '/made/for/it\n');
  });

  it('has its variables besides those of the image', async () => {
    const envs = [
      { env: 'A', value: 'b=c d' },
      { env: 'EMPTY', value: '' },
      { env: 'HOME', value: '/mine' },
    ];
    const text = await says({ line: 'env', container: { envs } });
    assert.match(text, /^A=b=c d$/mu);
    assert.match(text, /^EMPTY=$/mu);
    assert.match(text, /^HOME=\/mine$/mu);
    assert.match(text, /^PATH=\/usr\/local\/sbin/mu);
  });

  it('has a terminal where the container or the pod says so', async () => {
    const line = 'tty';
    assert.match(await says({ line }), /not a tty/u);
    assert.match(await says({ line, container: { tty: true } }), /^\/dev\/(?:pts\/\d+|console)\r\n$/u);
    await runPod(daemon, { id: 'tty', tty: true, containers: [idle('tty-c')] });
    assert.match(await tell(daemon, 'GET /container/info?container=tty-c'), /"tty":true/u);
    await removePod(daemon, 'tty');
  });

  it('is who it should be', async () => {
    const line = 'id -u; id -g; id -G';
    assert.equal(await says({ line, container: { user: { name: '12', group: '34' } } }), '12\n34\n34\n');
    const user = { name: '12', group: '34', additionalGroups: ['56', '78'] };
    assert.equal(await says({ line, container: { user } }), '12\n34\n34 56 78\n');
    assert.match(await says({ line, container: { user: { name: 'daemon' } } }), /^1\n1\n/u);
    assert.match(
      await says({ line, container: { user: { name: 'nobody', group: 'daemon' } } }),
      /^65534\n1\n/u,
    );
  });

  it('is who the image says, unless the container does', async () => {
    await makeImage(daemon, 'as-daemon', 'USER daemon');
    const line = 'id -u; id -g';
    const image = 'as-daemon';
    for (const user of [undefined, null, { name: '', group: '' }])
      assert.equal(await says({ line, container: { image, user } }), '1\n1\n');
    assert.equal(await says({ line, container: { image, user: { name: '0' } } }), '0\n0\n');
  });

  it('has limits of its own', async () => {
    const ulimits = [
      { Name: 'nofile', Soft: 64, Hard: 128 },
      { name: 'core', soft: 0, hard: 0 },
    ];
    const line = 'grep -E "open files|core file" /proc/self/limits';
    const text = await says({ line, container: { ulimits } });
    assert.match(text, /^Max open files +64 +128 /mu);
    assert.match(text, /^Max core file size +0 +0 /mu);
  });

  it('cannot write where its root is read-only', async () => {
    const line = 'touch /x 2>&1; touch /tmp/v/y && ls /tmp/v';
    const volumes = [{ path: '/tmp/v', volume: 'v' }];
    const pod = { volumes: [{ name: 'v' }] };
    for (const word of ['readOnly', 'readonly'])
      assert.match(await says({ line, container: { [word]: true, volumes }, pod }), /Read-only[^]*\ny\n$/u);
  });

  it('is asked to end by its own signal, with or without SIG before it', async () => {
    await makeImage(daemon, 'stops-by-usr2', 'STOPSIGNAL SIGUSR2');
    const traps = ['TERM', 'INT', 'USR1', 'USR2'].map((signal) => `trap 'echo by ${signal}; exit' ${signal}`);
    const command = ['sh', '-c', [...traps, 'echo up', 'while :; do sleep 0.05; done'].join('; ')];
    for (const [settings, signal] of [
      [{}, 'TERM'],
      [{ StopSignal: 'USR1' }, 'USR1'],
      [{ StopSignal: 'SIGINT' }, 'INT'],
      [{ image: 'stops-by-usr2' }, 'USR2'],
      [{ image: 'stops-by-usr2', StopSignal: '10' }, 'USR1'],
    ] as const) {
      const one = { name: 'stops-c', image: 'busybox', command, ...settings };
      await runPod(daemon, { id: 'stops', containers: [one] });
      await until(async () => (await logOf(daemon, 'stops-c')) === 'up\n', 'it is up');
      assert.equal(await tell(daemon, 'POST /pod/stop?podId=stops'), done(200, 'stops'));
      assert.equal(await logOf(daemon, 'stops-c'), `up\nby ${signal}\n`);
      await removePod(daemon, 'stops');
    }
  });
});

describe('restart policies', () => {
  it('are taken, and followed only where a label asks for it', async () => {
    const command = ['sh', '-c', 'echo run >> /runs; exit 1'];
    const one = { name: 'again-c', image: 'busybox', command, restartPolicy: 'onFailure' };
    await runPod(daemon, { id: 'again', restartPolicy: 'always', containers: [one] });
    assert.equal(await tell(daemon, 'GET /exitcode?container=again-c'), json(200, 1));
    await removePod(daemon, 'again');
    const labels = { 'io.gantry.restart': 'yes' };
    const ends = ['sh', '-c', 'echo run >> /runs; [ $(wc -l < /runs) = 3 ] && exec cat; exit 1'];
    await runPod(daemon, { id: 'again', labels, containers: [{ ...one, command: ends }] });
    await until(
      async () =>
        (await runExec(daemon, 'again-c', ['cat', '/runs']).catch(() => ({ text: '' }))).text ===
        'run\nrun\nrun\n',
      'it has been started again twice',
    );
    await removePod(daemon, 'again');
  });
});
