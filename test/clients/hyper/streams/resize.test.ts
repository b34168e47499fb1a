import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '#test/support/clients/until.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import {
  createPod,
  idle,
  killPod,
  listed,
  removePod,
  shell,
  startPod,
} from '#test/support/hyper/pod-client.ts';
import { line } from '#test/support/hyper/talk.ts';
import { finish, take } from '#test/support/hyper/taken.ts';
import {
  assertRefused,
  bodyOf,
  DIALECTS,
  empty,
  PAGE_NOT_FOUND,
  tell,
} from '#test/support/hyper/transcript.ts';
import type { WireClient } from '#test/support/wire.ts';

/** Says its size whenever it is asked. */
const SIZES = 'stty -echo; echo ready; while read line; do echo "[$(stty size)]"; done';

let daemon: TestDaemon;
let term: WireClient;
before(async () => {
  daemon = await TestDaemon.start();
  await createPod(daemon, { id: 'term', containers: [shell('term-c', SIZES, { tty: true })] });
  term = await take(daemon, '/attach?container=term-c');
  await startPod(daemon, 'term');
  await term.until('ready\r\n');
});
after(async () => daemon[Symbol.asyncDispose]());

const ask = async (request: string): Promise<string> => tell(daemon, request);

const sizeAt = async (wire: WireClient): Promise<string> => {
  await wire.send('size\n');
  await wire.until('[');
  return (await wire.until(']')).slice(0, -1);
};

/** The answer does not wait for the terminal, which has its size a moment later. */
const becomes = async (wire: WireClient, size: string, what = ''): Promise<unknown> =>
  until(async () => (await sizeAt(wire)) === size, `${what} ${size}`);

const prepare = async (tty = 'yes'): Promise<string> =>
  bodyOf(await ask(`POST /exec/create?container=term-c&tty=${tty}&command=${line(SIZES)}`), 201) as string;

describe('the terminal of a container', () => {
  it('is resized in every dialect, without a body', async () => {
    for (const [index, { at }] of DIALECTS.entries()) {
      const [rows, columns] = [20 + index, 100 + index];
      // As clients write it: the empty exec is the main process.
      const [request, telling] = at(`POST /tty/resize?container=term-c&exec=&h=${rows}&w=${columns}`);
      assert.equal(await tell(daemon, request, telling), empty(200));
      await becomes(term, `${rows} ${columns}`);
    }
  });

  it('is found by all the words for a container, and those of older clients for its pod', async () => {
    const [[id = ''] = []] = await listed(daemon, 'container');
    const [[vm = ''] = []] = await listed(daemon, 'vm');
    for (const [index, query] of [
      'container=term-c',
      'container=%2Fterm-c',
      `container=${id}`,
      `container=${id.slice(0, 12)}`,
      'container=',
      'value=term-c',
      'id=term-c&tag=abcdefgh',
      `id=${id}&tag=abcdefgh`,
      'id=term&tag=abcdefgh',
      `id=${vm}&tag=abcdefgh`,
    ].entries()) {
      assert.equal(await ask(`POST /tty/resize?${query}&h=${30 + index}&w=81`), empty(200), query);
      await becomes(term, `${30 + index} 81`, query);
    }
  });

  it('may be resized by a form', async () => {
    const telling = { body: 'container=term-c&h=11&w=22', type: 'application/x-www-form-urlencoded' };
    assert.equal(await tell(daemon, 'POST /tty/resize?h=1&w=1', telling), empty(200));
    await becomes(term, '11 22');
  });

  it('has no size that is no number, in any dialect', async () => {
    await ask('POST /tty/resize?container=term-c&h=24&w=80');
    for (const [query, words] of [
      ['', /parsing ""/u],
      ['&h=24', /parsing ""/u],
      ['&w=80', /parsing ""/u],
      ['&h=&w=80', /parsing ""/u],
      ['&h=24&w=', /parsing ""/u],
      ['&h=tall&w=80', /parsing "tall"/u],
      ['&h=24&w=8x', /parsing "8x"/u],
      ['&h=2.5&w=80', /parsing "2\.5"/u],
      ['&h=-1&w=80', /-1/u],
      ['&h=70000&w=80', /70000/u],
    ] as const)
      for (const { at } of DIALECTS) {
        const [request, telling] = at(`POST /tty/resize?container=term-c${query}`);
        assertRefused(await tell(daemon, request, telling), 500, words);
      }
    await becomes(term, '24 80');
  });

  it('has its size at the first look when it was resized before', async () => {
    await createPod(daemon, { id: 'early', containers: [shell('early-c', SIZES, { tty: true })] });
    // Clients resize when they attach, which they do before the start.
    const wire = await take(daemon, '/attach?container=early-c');
    await startPod(daemon, 'early');
    assert.equal(await ask('POST /tty/resize?container=early-c&exec=&h=33&w=44'), empty(200));
    await wire.until('ready\r\n');
    await becomes(wire, '33 44');
    await killPod(daemon, 'early');
    await finish(wire);
    await removePod(daemon, 'early');
  });
});

describe('the terminal of a command', () => {
  it('is resized by its id, and by the tag of an older client', async () => {
    const exec = await prepare();
    const wire = await take(daemon, `/exec/start?container=term-c&exec=${exec}`);
    await wire.until('ready\r\n');
    await ask('POST /tty/resize?container=term-c&h=24&w=80');
    for (const [index, query] of [
      `container=term-c&exec=${exec}`,
      `exec=${exec}`,
      `id=term-c&tag=${exec}`,
    ].entries()) {
      assert.equal(await ask(`POST /tty/resize?${query}&h=${50 + index}&w=60`), empty(200));
      await becomes(wire, `${50 + index} 60`);
    }
    await becomes(term, '24 80');
    await wire.send('\x04');
    await finish(wire);
  });

  it('of an older client is that of its tag', async () => {
    const [[vm = ''] = []] = await listed(daemon, 'vm');
    const path = `/v0.4.0/exec?type=container&value=term-c&command=${line(SIZES)}&tag=tagtagta`;
    const wire = await take(daemon, path);
    await wire.until('ready\r\n');
    for (const [index, id] of ['term-c', 'term', vm].entries()) {
      const size = `h=${70 + index}&w=71`;
      assert.equal(await ask(`POST /v0.4.0/tty/resize?id=${id}&tag=tagtagta&${size}`), empty(200));
      await becomes(wire, `${70 + index} 71`);
    }
    await wire.send('\x04');
    await finish(wire);
  });

  it('has the size that was asked for while it was on its way', async () => {
    const exec = await prepare();
    const resized = ask(`POST /tty/resize?container=term-c&exec=${exec}&h=12&w=34`);
    const wire = await take(daemon, `/exec/start?container=term-c&exec=${exec}`);
    assert.equal(await resized, empty(200));
    await wire.until('ready\r\n');
    await becomes(wire, '12 34');
    await wire.send('\x04');
    await finish(wire);
  });

  it('is not waited for longer than ten seconds', async () => {
    const exec = await prepare();
    assertRefused(await ask(`POST /tty/resize?exec=${exec}&h=1&w=1`), 500, new RegExp(exec, 'u'));
  });

  it('that could not run, or is over, has no size', async () => {
    const over = await prepare();
    const wire = await take(daemon, `/exec/start?exec=${over}`, { early: '\x04' });
    await finish(wire);
    const broken = bodyOf(
      await ask('POST /exec/create?container=term-c&tty=yes&command=/no/such'),
      201,
    ) as string;
    await finish(await take(daemon, `/exec/start?exec=${broken}`));
    for (const exec of [over, broken])
      assertRefused(await ask(`POST /tty/resize?exec=${exec}&h=1&w=1`), 500, /not running|no such/iu);
  });
});

describe('what has no terminal', () => {
  it('is unknown, in any dialect', async () => {
    for (const query of ['container=nobody', 'id=nobody&tag=abcdefgh', 'exec=exec-AbCdEfGhIj'])
      for (const { at } of DIALECTS) {
        const [request, telling] = at(`POST /tty/resize?${query}&h=24&w=80`);
        assertRefused(
          await tell(daemon, request, telling),
          500,
          /nobody|exec-AbCdEfGhIj|find that container/u,
        );
      }
    assert.equal(await ask('GET /tty/resize?container=term-c&h=24&w=80'), PAGE_NOT_FOUND);
  });

  it('is not running', async () => {
    await createPod(daemon, { id: 'rest', containers: [idle('rest-c', { tty: true })] });
    assertRefused(await ask('POST /tty/resize?container=rest-c&h=24&w=80'), 500, /not running/u);
    await startPod(daemon, 'rest');
    await killPod(daemon, 'rest');
    assertRefused(await ask('POST /tty/resize?container=rest-c&h=24&w=80'), 500, /not running/u);
    assertRefused(await ask('POST /tty/resize?id=rest&tag=t&h=24&w=80'), 500, /not running/u);
    await removePod(daemon, 'rest');
  });

  it('does not mind a size: hyperd answers 200 to a process without one', async () => {
    await createPod(daemon, { id: 'plain', containers: [idle('plain-c')] });
    await startPod(daemon, 'plain');
    assert.equal(await ask('POST /tty/resize?container=plain-c&h=24&w=80'), empty(200));
    await removePod(daemon, 'plain');
  });
});
