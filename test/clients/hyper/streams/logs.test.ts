import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  createPod,
  exitCode,
  idle,
  killPod,
  listed,
  removePod,
  runPod,
  shell,
  startPod,
  unframed,
} from '#test/support/hyper/pod-client.ts';
import { readFrames } from '#test/support/hyper/taken.ts';
import type { Frame } from '#test/support/hyper/taken.ts';
import { assertRefused, DIALECTS, json, plain, tell } from '#test/support/hyper/transcript.ts';
import type { Telling } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const HEAD = 'HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n\n';

/** The body of an answer that must have the head of a log. */
const bodyOf = (answer: string): string => {
  assert.equal(answer.slice(0, HEAD.length), HEAD);
  return answer.slice(HEAD.length);
};

const log = async (query: string): Promise<string> =>
  bodyOf(await tell(daemon, `GET /container/logs?${query}`));

const framesOf = async (query: string): Promise<Frame[]> => readFrames(await log(query));

/** All that one stream said, so that the order of two pipes does not matter. */
const textOf = async (query: string): Promise<string> =>
  (await framesOf(query)).map(([, text]) => text).join('');

const FOLLOW = 'stdout=yes&stderr=yes&follow=yes';

const NANOS = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`;

/** Times become T; each must have all nine digits of its fraction. */
const withoutTimes = (text: string): string => text.replaceAll(new RegExp(`${NANOS} `, 'gu'), 'T ');

describe('the log of a container', () => {
  const talk = shell('talk-c', 'echo one; echo two; echo three; exec 1>&-; echo bad >&2; echo worse >&2');
  before(async () => {
    await runPod(daemon, { id: 'talk', containers: [talk] });
    await exitCode(daemon, 'talk-c');
  });
  after(async () => removePod(daemon, 'talk'));

  const OUT: Frame = [1, 'one\ntwo\nthree\n'];
  const ERR: Frame = [2, 'bad\nworse\n'];

  it('is frames with a type that is not JSON, in every dialect', async () => {
    for (const { at } of DIALECTS) {
      const [request, telling] = at('GET /container/logs?container=talk-c&stdout=yes&stderr=no');
      assert.equal(
        await tell(daemon, request, telling),
        `${HEAD}\x01\0\0\0\0\0\0\x04one\n\x01\0\0\0\0\0\0\x04two\n\x01\0\0\0\0\0\0\x06three\n`,
      );
    }
  });

  it('is of the streams that are asked for, in any word for yes', async () => {
    for (const yes of ['yes', 'true', '1', 'on', 'y', 'YES', '%20True%20', 'anything']) {
      assert.deepEqual(await framesOf(`container=talk-c&stdout=${yes}`), [OUT]);
      assert.deepEqual(await framesOf(`container=talk-c&stderr=${yes}`), [ERR]);
      const both = await framesOf(`container=talk-c&stdout=${yes}&stderr=${yes}`);
      for (const [kind, text] of [OUT, ERR])
        assert.equal(both.flatMap(([one, said]) => (one === kind ? [said] : [])).join(''), text);
    }
  });

  it('is refused where no stream is asked for, in every dialect', async () => {
    const words = 'Bad parameters: you must choose at least one stream';
    for (const query of [
      '',
      '&stdout=&stderr=',
      '&stdout=no&stderr=0',
      '&stdout=false&stderr=none',
      '&follow=yes&timestamps=yes&tail=1',
    ])
      for (const { at } of DIALECTS) {
        const [request, telling] = at(`GET /container/logs?container=talk-c${query}`);
        assert.equal(await tell(daemon, request, telling), plain(400, words), query);
      }
  });

  it('is found by all the words for a container', async () => {
    const [[id = ''] = []] = await listed(daemon, 'container');
    for (const query of [
      'container=talk-c',
      'container=%2Ftalk-c',
      `container=${id}`,
      `id=${id.slice(0, 12)}`,
      'value=talk-c',
      'container=',
    ])
      assert.deepEqual(await framesOf(`${query}&stdout=1`), [OUT], query);
  });

  it('has times under both names, of nine digits and of one width', async () => {
    for (const word of ['timestamps', 'timestamp']) {
      const text = await textOf(`container=talk-c&stdout=yes&${word}=yes`);
      assert.equal(withoutTimes(text), 'T one\nT two\nT three\n');
      const times = text.split('\n').map((entry) => entry.split(' ')[0] ?? '');
      assert.deepEqual(times.slice(0, 3).toSorted(), times.slice(0, 3));
    }
    for (const word of ['timestamps=no', 'timestamp=0', 'timestamps=&timestamp=none'])
      assert.equal(await textOf(`container=talk-c&stdout=yes&${word}`), OUT[1]);
  });

  it('begins at a time, in seconds with a fraction or in words', async () => {
    for (const since of [
      '0',
      '1',
      '1500000000',
      '1500000000.5',
      '1500000000.123456789',
      '',
      '2017-07-14T02:40:00Z',
      '2017-07-14T02:40:00.5%2B02:00',
    ])
      assert.equal(await textOf(`container=talk-c&stdout=yes&since=${since}`), OUT[1], since);
    for (const since of ['4000000000', '4000000000.999', '2096-10-02T07:06:40Z'])
      assert.equal(await textOf(`container=talk-c&stdout=yes&since=${since}`), '', since);
    for (const since of ['yesterday', '10m', '-5', '1.2.3', '1e9', '2017-99-99T00:00:00Z'])
      assertRefused(
        await tell(daemon, `GET /container/logs?container=talk-c&stdout=yes&since=${since}`),
        500,
        /since/u,
      );
  });

  it('begins exactly at the entry whose time is given', async () => {
    const text = await textOf('container=talk-c&stdout=yes&timestamps=yes');
    const entries = text
      .trimEnd()
      .split('\n')
      .map((entry) => entry.split(' '));
    const time = entries[1]?.[0] ?? '';
    // Entries that were read at once have one time.
    const said = entries.flatMap(([at = '', word = '']) => (at >= time ? [`${word}\n`] : [])).join('');
    const seconds = `${Math.floor(Date.parse(time) / 1000)}.${time.slice(20, 29)}`;
    for (const since of [seconds, time])
      assert.equal(await textOf(`container=talk-c&stdout=yes&since=${since}`), said, since);
  });

  it('is got by no other method', async () => {
    assert.match(await tell(daemon, 'POST /container/logs?container=talk-c&stdout=1'), /^HTTP\/1\.1 404 /u);
  });

  it('is not followed once its container is over', async () => {
    assert.deepEqual(await framesOf(`container=talk-c&stdout=1&follow=1`), [OUT]);
  });
});

describe('the log of nobody', () => {
  it('is a line without a frame and 200, in every dialect', async () => {
    for (const query of ['container=nobody&stdout=1', 'stdout=1', `container=nobody&${FOLLOW}`])
      for (const { at } of DIALECTS) {
        const [request, telling]: readonly [string, Telling] = at(`GET /container/logs?${query}`);
        assert.match(
          bodyOf(await tell(daemon, request, telling)),
          /^Error running logs job: cannot find container [^\n]*\n$/u,
        );
      }
    // What is asked is looked at first.
    assertRefused(await tell(daemon, 'GET /container/logs?container=nobody'), 400, /at least one stream/u);
    assertRefused(
      await tell(daemon, 'GET /container/logs?container=nobody&stdout=1&since=now'),
      500,
      /since/u,
    );
  });
});

describe('what is kept', () => {
  it('is nothing before the first start', async () => {
    await createPod(daemon, { id: 'new', containers: [idle('new-c')] });
    assert.equal(await log('container=new-c&stdout=yes&stderr=yes'), '');
    assert.equal(await log(`container=new-c&${FOLLOW}`), '');
    await removePod(daemon, 'new');
  });

  it('ends with as many lines as are asked for; what is no number asks for all', async () => {
    const text = 'echo one; echo two; echo three';
    await runPod(daemon, { id: 'lines', containers: [shell('lines-c', text)] });
    await exitCode(daemon, 'lines-c');
    for (const [tail, said] of [
      ['0', ''],
      ['1', 'three\n'],
      ['2', 'two\nthree\n'],
      ['3', 'one\ntwo\nthree\n'],
      ['100', 'one\ntwo\nthree\n'],
      ['', 'one\ntwo\nthree\n'],
      ['all', 'one\ntwo\nthree\n'],
      ['-1', 'one\ntwo\nthree\n'],
      ['1.5', 'one\ntwo\nthree\n'],
      ['some', 'one\ntwo\nthree\n'],
    ] as const)
      assert.equal(await textOf(`container=lines-c&stdout=yes&stderr=yes&tail=${tail}`), said, tail);
    await removePod(daemon, 'lines');
  });

  it('is the last line too, without an end of line', async () => {
    await runPod(daemon, { id: 'cut', containers: [shell('cut-c', 'printf "whole\\nhalf"')] });
    await exitCode(daemon, 'cut-c');
    assert.deepEqual(await framesOf('container=cut-c&stdout=yes'), [[1, 'whole\nhalf']]);
    assert.deepEqual(await framesOf('container=cut-c&stdout=yes&tail=1'), [[1, 'half']]);
    assert.equal(withoutTimes(await textOf('container=cut-c&stdout=yes&timestamps=1')), 'T whole\nT half');
    await removePod(daemon, 'cut');
  });

  it('is any bytes, and long lines whole, with one time', async () => {
    const line = 'head -c 100000 /dev/zero | tr "\\0" x; echo; printf "\\303\\251\\t\\r\\033[1m\\n"';
    await runPod(daemon, { id: 'odd', containers: [shell('odd-c', line)] });
    await exitCode(daemon, 'odd-c');
    const rest = 'é\t\r\u001B[1m\n';
    const raw = async (query: object): Promise<string> =>
      unframed(
        await daemon.pods.open('GET', '/container/logs', {
          query: { container: 'odd-c', stdout: 'yes', ...query },
        }),
      );
    assert.equal(await raw({}), `${'x'.repeat(100_000)}\n${rest}`);
    assert.equal(await raw({ tail: 1 }), rest);
    assert.equal(withoutTimes(await raw({ timestamps: 'yes' })), `T ${'x'.repeat(100_000)}\nT ${rest}`);
    await removePod(daemon, 'odd');
  });

  it('goes on over runs, and over those of the pod', async () => {
    const line = 'echo run >> /runs; echo run $(wc -l < /runs)';
    await createPod(daemon, { id: 'runs', containers: [shell('runs-c', line)] });
    for (const start of [
      '/pod/start?podId=runs',
      '/container/start?container=runs-c',
      '/pod/start?podId=runs',
    ]) {
      assert.equal(await tell(daemon, `POST ${start}`), json(200, {}));
      await exitCode(daemon, 'runs-c');
    }
    assert.equal(await textOf('container=runs-c&stdout=1'), 'run 1\nrun 2\nrun 3\n');
    await killPod(daemon, 'runs');
    assert.equal(await textOf('container=runs-c&stdout=1&tail=2'), 'run 2\nrun 3\n');
    await startPod(daemon, 'runs');
    await exitCode(daemon, 'runs-c');
    assert.equal(await textOf('container=runs-c&stdout=1'), 'run 1\nrun 2\nrun 3\nrun 4\n');
    await removePod(daemon, 'runs');
  });

  it('of a terminal is raw, its streams one', async () => {
    const line = 'echo out; echo err >&2';
    await runPod(daemon, { id: 'term', containers: [shell('term-c', line, { tty: true })] });
    await exitCode(daemon, 'term-c');
    assert.equal(await log('container=term-c&stdout=yes&stderr=yes'), 'out\r\nerr\r\n');
    assert.equal(await log('container=term-c&stdout=yes&tail=1'), 'err\r\n');
    assert.equal(withoutTimes(await log('container=term-c&stdout=1&timestamps=1')), 'T out\r\nT err\r\n');
    assert.equal(await log('container=term-c&stderr=yes'), '');
    await removePod(daemon, 'term');
  });
});
