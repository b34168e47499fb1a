import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  createPod,
  exitCode,
  idle,
  killPod,
  removePod,
  runPod,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { line, TALK, talk, words } from '#test/support/hyper/talk.ts';
import { finish, readFrames, take } from '#test/support/hyper/taken.ts';
import { assertRefused, bodyOf, DIALECTS, empty, json, tell } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await TestDaemon.start();
  await runPod(daemon, { id: 'host', containers: [idle('host-c', HOST)] });
});
after(async () => daemon[Symbol.asyncDispose]());

const HOST = {
  envs: [{ env: 'GIVEN', value: 'to it' }],
  workdir: '/tmp',
  user: { name: '12', group: '34', additionalGroups: ['56'] },
};

const ask = async (request: string): Promise<string> => tell(daemon, request);

const prepare = async (query: string): Promise<string> => {
  const id = bodyOf(await ask(`POST /exec/create?${query}`), 201) as string;
  assert.match(id, /^exec-[A-Za-z]{10}$/u);
  return id;
};

const run = async (container: string, text: string, more = ''): Promise<{ bytes: string; code: number }> => {
  const exec = await prepare(`container=${container}&command=${line(text)}${more}`);
  const bytes = await finish(await take(daemon, `/exec/start?container=${container}&exec=${exec}`));
  return { bytes, code: await exitCode(daemon, container, exec) };
};

describe('a command that is prepared', () => {
  it('is answered 201 and a bare string, in every dialect', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at(`POST /exec/create?container=host-c&command=${line('true')}`);
      const answer = await tell(daemon, request, telling);
      assert.match(
        answer,
        /^HTTP\/1\.1 201 Created\nContent-Type: application\/json\n\n"exec-[A-Za-z]{10}"\n$/u,
      );
    }
  });

  it('speaks in frames when it is started, in every dialect', async () => {
    for (const { at } of DIALECTS) {
      const exec = await prepare(`container=host-c&command=${line(TALK)}`);
      const [request, { agent = 'test' }] = at(`POST /exec/start?container=host-c&exec=${exec}`);
      await talk(await take(daemon, request.replace('POST ', ''), { agent }), false);
      assert.equal(await exitCode(daemon, 'host-c', exec), 5);
    }
  });

  it('is in the container as its main process is', async () => {
    const { bytes, code } = await run('host-c', 'pwd; echo $GIVEN; id -u; id -g; id -G; hostname');
    assert.deepEqual(readFrames(bytes), [[1, '/tmp\nto it\n12\n34\n34 56\nhost\n']]);
    assert.equal(code, 0);
  });

  it('names its container by all the words of clients', async () => {
    for (const query of [
      'container=host-c',
      'container=%2Fhost-c',
      'value=host-c',
      'id=host-c',
      'container=',
    ]) {
      const exec = await prepare(`${query}&command=${line('echo here')}`);
      const wire = await take(daemon, `/exec/start?tag=${exec}`);
      assert.deepEqual(readFrames(await finish(wire)), [[1, 'here\n']], query);
    }
  });

  it('is a JSON array, or a line as the documents have it', async () => {
    for (const [command, text] of [
      ['["echo","a  b","c"]', 'a  b c\n'],
      ['[ "echo" , "\\u00e9" ]', 'é\n'],
      ['["echo",""]', '\n'],
      ['/bin/pwd', '/tmp\n'],
      ['echo  a b', 'a b\n'],
      ['[ -d /tmp ]', ''],
    ] as const) {
      const exec = await prepare(`container=host-c&command=${encodeURIComponent(command)}`);
      const wire = await take(daemon, `/exec/start?container=host-c&exec=${exec}`);
      assert.equal(readFrames(await finish(wire))[0]?.[1] ?? '', text, command);
      assert.equal(await exitCode(daemon, 'host-c', exec), 0);
    }
  });

  it('may stand in a form', async () => {
    const answer = await tell(daemon, 'POST /exec/create?container=nobody', {
      body: `container=host-c&command=${line('echo formal')}`,
      type: 'application/x-www-form-urlencoded',
    });
    const wire = await take(daemon, `/exec/start?exec=${bodyOf(answer, 201) as string}`);
    assert.deepEqual(readFrames(await finish(wire)), [[1, 'formal\n']]);
  });

  it('is refused without a command, or with JSON that is none', async () => {
    for (const command of ['', '&command=', '&command=%20', '&command=[]', '&command=null'])
      assertRefused(await ask(`POST /exec/create?container=host-c${command}`), 500, /command|end of JSON/u);
    for (const command of ['[1]', '["ls",null]', '[["ls"]]', '{}', '{"command":["ls"]}'])
      assertRefused(
        await ask(`POST /exec/create?container=host-c&command=${encodeURIComponent(command)}`),
        500,
        /command/u,
      );
  });

  it('is refused of an unknown container, in every dialect', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at(`POST /exec/create?container=nobody&command=${line('true')}`);
      assertRefused(await tell(daemon, request, telling), 500, /nobody/u);
    }
  });
});

describe('a command that runs', () => {
  it('has its input as it is, and its end', async () => {
    const exec = await prepare(`container=host-c&command=${words(['md5sum'])}`);
    const wire = await take(daemon, `/exec/start?container=host-c&exec=${exec}`);
    await wire.send(Buffer.alloc(1 << 20, 'abcdefg'));
    const { createHash } = await import('node:crypto');
    const sum = createHash('md5')
      .update(Buffer.alloc(1 << 20, 'abcdefg'))
      .digest('hex');
    assert.deepEqual(readFrames(await finish(wire)), [[1, `${sum}  -\n`]]);
  });

  it('says all it has to say, after the last of its input too', async () => {
    const text = 'cat > /dev/null; head -c 1000000 /dev/zero | tr "\\0" x; echo; echo end >&2';
    const { bytes } = await run('host-c', text);
    const frames = readFrames(bytes);
    const out = frames.filter(([kind]) => kind === 1).map(([, said]) => said);
    assert.equal(out.join(''), `${'x'.repeat(1_000_000)}\n`);
    assert.deepEqual(
      frames.filter(([kind]) => kind === 2).map(([, said]) => said),
      ['end\n'],
    );
  });

  it('goes on when its client has gone', async () => {
    for (const index of [0, 1]) {
      const exec = await prepare(
        `container=host-c&command=${line(`echo up; until test -e /tmp/go-${index}; do sleep 0.05; done; exit 8`)}`,
      );
      const wire = await take(daemon, `/exec/start?container=host-c&exec=${exec}`);
      await wire.until('up\n');
      wire.vanish();
      await run('host-c', `touch /tmp/go-${index}`);
      assert.equal(await exitCode(daemon, 'host-c', exec), 8);
    }
  });

  it('is run once: the second to start it gets the end of a stream', async () => {
    const exec = await prepare(`container=host-c&command=${line('echo once; read line')}`);
    const first = await take(daemon, `/exec/start?exec=${exec}`);
    await first.until('once\n');
    assert.equal(await finish(await take(daemon, `/exec/start?exec=${exec}`)), '');
    assert.equal(await finish(first), '');
    assert.equal(await finish(await take(daemon, `/exec/start?exec=${exec}`)), '');
  });

  it('that cannot says why where its errors would be', async () => {
    const exec = await prepare(`container=host-c&command=${words(['/no/such/program'])}`);
    const bytes = await finish(await take(daemon, `/exec/start?exec=${exec}`));
    const [[kind, text] = [], ...more] = readFrames(bytes);
    assert.equal(kind, 2);
    assert.match(text ?? '', /\/no\/such\/program/u);
    assert.deepEqual(more, []);
    assert.ok((await exitCode(daemon, 'host-c', exec)) > 0);
  });

  it('ends with its container', async () => {
    await runPod(daemon, { id: 'short', containers: [idle('short-c')] });
    const exec = await prepare(`container=short-c&command=${line('echo up; exec sleep 1000')}`);
    const wire = await take(daemon, `/exec/start?exec=${exec}`);
    await wire.until('up\n');
    assert.equal(await ask('POST /container/kill?container=short-c&signal=9'), json(201, {}));
    assert.equal(await finish(wire), '');
    assert.ok((await exitCode(daemon, 'short-c', exec)) > 0);
    await removePod(daemon, 'short');
  });

  it('may be one of many', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => run('host-c', `echo ${index}; exit ${index}`)),
    );
    for (const [index, { bytes, code }] of results.entries()) {
      assert.deepEqual(readFrames(bytes), [[1, `${index}\n`]]);
      assert.equal(code, index);
    }
  });
});

describe('a container that does not run', () => {
  it('has commands prepared before its start, which run after it', async () => {
    await createPod(daemon, { id: 'later', containers: [idle('later-c')] });
    const exec = await prepare(`container=later-c&command=${line('echo at last')}`);
    const early = await prepare(`container=later-c&command=${line('echo never')}`);
    // Too early: the reason, as errors are told.
    const [[kind, text] = []] = readFrames(await finish(await take(daemon, `/exec/start?exec=${early}`)));
    assert.equal(kind, 2);
    assert.match(text ?? '', /not running/u);
    assert.ok((await exitCode(daemon, 'later-c', early)) > 0);
    await startPod(daemon, 'later');
    const wire = await take(daemon, `/exec/start?exec=${exec}`);
    assert.deepEqual(readFrames(await finish(wire)), [[1, 'at last\n']]);
    await removePod(daemon, 'later');
  });

  it('has none when its run is over', async () => {
    await runPod(daemon, { id: 'over', containers: [idle('over-c')] });
    const exec = await prepare(`container=over-c&command=${line('true')}`);
    await killPod(daemon, 'over');
    assertRefused(
      await ask(`POST /exec/create?container=over-c&command=${line('true')}`),
      500,
      /not running/u,
    );
    const [[kind] = []] = readFrames(await finish(await take(daemon, `/exec/start?exec=${exec}`)));
    assert.equal(kind, 2);
    await removePod(daemon, 'over');
  });

  it('has none while it is paused', async () => {
    await runPod(daemon, { id: 'cold', containers: [idle('cold-c')] });
    const exec = await prepare(`container=cold-c&command=${line('true')}`);
    assert.equal(await ask('POST /pod/pause?podId=cold'), empty(204));
    const [[kind, text] = []] = readFrames(await finish(await take(daemon, `/exec/start?exec=${exec}`)));
    assert.equal(kind, 2);
    assert.match(text ?? '', /paused/u);
    await removePod(daemon, 'cold');
  });
});

describe('a command with a terminal', () => {
  it('is raw, its streams one, for three words', async () => {
    for (const word of ['yes', 'true', 'on', 'YES', 'True'])
      assert.equal(
        (await run('host-c', 'tty > /dev/null && echo a; echo b >&2', `&tty=${word}`)).bytes,
        'a\r\nb\r\n',
      );
    for (const word of ['', 'no', 'false', '1', 'y'])
      assert.deepEqual(readFrames((await run('host-c', 'tty', `&tty=${word}`)).bytes), [[1, 'not a tty\n']]);
  });

  it('is left by ctrl-p ctrl-q, and goes on', async () => {
    const text =
      'stty -echo; echo ready; read line; echo "<$line>"; until test -e /tmp/left; do sleep 0.05; done; exit 6';
    const exec = await prepare(`container=host-c&tty=yes&command=${line(text)}`);
    const wire = await take(daemon, `/exec/start?container=host-c&exec=${exec}`);
    assert.equal(await wire.until('ready\r\n'), 'ready\r\n');
    await wire.send('one\n');
    assert.equal(await wire.until('<one>\r\n'), '<one>\r\n');
    await wire.send('\x10');
    await wire.send('\x11');
    assert.equal(await finish(wire), '');
    await run('host-c', 'touch /tmp/left');
    assert.equal(await exitCode(daemon, 'host-c', exec), 6);
  });

  it('goes on after the end of its input, and is ended by what was typed', async () => {
    const exec = await prepare(`container=host-c&tty=on&command=${line('sleep 0.1; read line; exit 4')}`);
    const wire = await take(daemon, `/exec/start?container=host-c&exec=${exec}`, { early: 'typed\n' });
    wire.halfClose();
    assert.match(await wire.rest(), /^typed\r\n/u);
    assert.equal(await exitCode(daemon, 'host-c', exec), 4);
  });
});
