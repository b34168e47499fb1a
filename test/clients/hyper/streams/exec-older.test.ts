import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { createPod, idle, removePod, runPod } from '#test/support/hyper/pod-client.ts';
import { line, TALK, talk, words } from '#test/support/hyper/talk.ts';
import { finish, take } from '#test/support/hyper/taken.ts';
import { bodyOf, DIALECTS, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
  await runPod(daemon, { id: 'host', containers: [idle('host-c')] });
});
after(async () => daemon[Symbol.asyncDispose]());

const ask = async (request: string): Promise<string> => tell(daemon, request);

describe('a command in one call', () => {
  it('is raw before release 0.6, and in frames from then on', async () => {
    for (const [index, prefix] of ['/v0.1.0', '/v0.4.0', '/v0.5.0', '/v0.6.0', ''].entries()) {
      const tag = `onecall${index}`;
      const path = `${prefix}/exec?type=container&value=host-c&command=${line(TALK)}&tag=${tag}&tty=no`;
      await talk(await take(daemon, path), index < 3);
      assert.equal(await ask(`GET /exitcode?tag=${tag}`), json(200, 5));
    }
  });

  it('has a terminal always before release 0.6, and where it asks for it from then on', async () => {
    const command = line('tty > /dev/null && echo yes || echo no');
    for (const [query, agent, bytes] of [
      ['', 'Hyper-Client/0.4.0', 'yes\r\n'],
      ['', 'Hyper-Client/0.5.0', 'yes\r\n'],
      ['&tty=yes', 'Hyper-Client/0.6.0', 'yes\r\n'],
      ['&tty=true', 'Hyper-Client/0.6.0', 'yes\r\n'],
      ['', 'Hyper-Client/0.6.0', '\x01\0\0\0\0\0\0\x03no\n'],
    ] as const) {
      const path = `/v1.17/exec?type=container&value=%2Fhost-c&command=${command}&tag=abcdefgh${query}`;
      assert.equal(await finish(await take(daemon, path, { agent })), bytes);
    }
  });

  it('names a container, a pod or a VM', async () => {
    const list = bodyOf(await ask('GET /list?item=vm&pod=host'), 201) as { vmData: [string] };
    const [vm = ''] = list.vmData[0].split(':');
    for (const query of [
      'type=container&value=host-c',
      'type=pod&value=host',
      `type=pod&value=${vm}`,
      'container=host-c',
      'id=host-c',
    ]) {
      const path = `/v0.4.0/exec?${query}&command=${line('echo here')}&tag=abcdefgh&tty=no`;
      assert.equal(await finish(await take(daemon, path)), 'here\n', query);
    }
  });

  it('gives the end of a stream for what is not there, or says nothing to run', async () => {
    for (const query of [
      `type=container&value=nobody&command=${line('true')}`,
      `type=pod&value=nobody&command=${line('true')}`,
      'type=container&value=host-c',
      'type=container&value=host-c&command=',
      'type=container&value=host-c&command=%5B%5D',
      'type=container&value=host-c&command=%5B1%5D',
    ])
      assert.equal(await finish(await take(daemon, `/v0.4.0/exec?${query}&tag=t`)), '', query);
  });

  it('is known by its tag until the tag is given again', async () => {
    for (const code of [21, 22]) {
      const path = `/v0.5.0/exec?type=container&value=host-c&command=${line(`exit ${code}`)}&tag=again`;
      assert.equal(await finish(await take(daemon, path)), '');
      assert.equal(await ask('GET /v0.5.0/exitcode?container=host-c&tag=again'), json(200, code));
    }
  });
});

describe('a command in a sandbox', () => {
  it('is raw in every dialect, all its output in one, with all rights', async () => {
    for (const { at } of DIALECTS) {
      const [request, { agent = 'test' }] = at(`POST /execvm?pod=host&command=${line(`id -u; ${TALK}`)}`);
      const wire = await take(daemon, request.replace('POST ', ''), { agent });
      assert.equal(await wire.until('0\n'), '0\n');
      await talk(wire, true);
    }
  });

  it('shares what the pod shares', async () => {
    const command = line('hostname; ip -o link | wc -l; cat /proc/sys/kernel/hostname');
    const said = await finish(await take(daemon, `/execvm?pod=host&command=${command}`));
    assert.equal(said, 'host\n2\nhost\n');
  });

  it('finds its pod by all the words for it', async () => {
    for (const query of ['pod=host', 'podId=host', 'podName=host'])
      assert.equal(await finish(await take(daemon, `/execvm?${query}&command=${line('echo in')}`)), 'in\n');
  });

  it('gives the end of a stream where there is no pod, no command or no container', async () => {
    await createPod(daemon, { id: 'bare', containers: [] });
    for (const query of [
      `pod=nobody&command=${line('true')}`,
      `command=${line('true')}`,
      `pod=bare&command=${line('true')}`,
      'pod=host',
      'pod=host&command=%5B%5D',
    ])
      assert.equal(await finish(await take(daemon, `/execvm?${query}`)), '', query);
    await removePod(daemon, 'bare');
  });

  it('says why it does not run', async () => {
    const said = await finish(await take(daemon, `/execvm?pod=host&command=${words(['/no/such'])}`));
    assert.match(said, /\/no\/such[^\n]*\n$/u);
  });
});
