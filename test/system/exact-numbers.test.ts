import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { ask } from '#test/support/versions/ask.ts';

/** The largest int64, as a client writes it: no `number` holds it. */
const LARGEST = JSON.rawJSON('9223372036854775807');
/** What version 1 of control groups says where there is no limit of memory. */
const NO_MEMORY_LIMIT = JSON.rawJSON('9223372036854771712');

type Seen = { readonly State: { readonly Pid: number } };

describe('numbers of 64 bits', () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start();
  });
  after(async () => daemon[Symbol.asyncDispose]());

  const run = async (host: object): Promise<{ id: string; limits: string }> => {
    const body = { Image: 'busybox', Cmd: ['sleep', '600'], HostConfig: host };
    const { Id: id } = await daemon.client.json<{ Id: string }>('POST', '/containers/create', { body });
    await daemon.client.json('POST', `/containers/${id}/start`);
    const { State } = await daemon.client.json<Seen>('GET', `/containers/${id}/json`);
    return { id, limits: readFileSync(`/proc/${State.Pid}/limits`, 'utf8') };
  };
  const inspect = async (id: string, version: string): Promise<string> =>
    (await ask(daemon.socket, 'GET', `/${version}/containers/${id}/json`)).text;

  it('a ulimit of -1 is none', async () => {
    const both = (Name: string): object => ({ Name, Soft: -1, Hard: -1 });
    const { id, limits } = await run({ Ulimits: [both('core'), both('stack'), both('rttime')] });
    for (const name of ['core file size', 'stack size', 'realtime timeout'])
      assert.match(limits, new RegExp(`^Max ${name} +unlimited +unlimited`, 'mu'));
    assert.match(await inspect(id, 'v1.41'), /"Ulimits":\[\{"Name":"core","Hard":-1,"Soft":-1\}/u);
  });

  it('the largest there is stays itself, inside and in every version’s inspect', async () => {
    const { id, limits } = await run({
      Ulimits: [{ Name: 'core', Soft: LARGEST, Hard: LARGEST }],
      Memory: NO_MEMORY_LIMIT,
      MemorySwap: LARGEST,
      ShmSize: LARGEST,
      Tmpfs: {},
      Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: LARGEST } }],
    });
    assert.match(limits, /^Max core file size +9223372036854775807 +9223372036854775807/mu);
    for (const version of ['v1.18', 'v1.21', 'v1.24', 'v1.41', 'v1.51']) {
      const answer = await inspect(id, version);
      assert.match(answer, /"Hard":9223372036854775807,"Soft":9223372036854775807/u);
      assert.match(answer, /"Memory":9223372036854771712/u);
      assert.match(answer, /"MemorySwap":9223372036854775807/u);
      assert.doesNotMatch(answer, /922337203685477\d000|922337203685477580[89]/u);
    }
    assert.match(await inspect(id, 'v1.51'), /"SizeBytes":9223372036854775807/u);
    await daemon.client.json('POST', `/containers/${id}/update`, {
      body: { Memory: 64 << 20, MemorySwap: LARGEST },
    });
    const stats = await ask(daemon.socket, 'GET', `/v1.41/containers/${id}/stats?stream=0`);
    assert.doesNotMatch(stats.text, /922337203685477\d000/u);
  });

  it('a filter’s value of a seccomp profile may have all its bits', async () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        {
          names: ['personality'],
          action: 'SCMP_ACT_ERRNO',
          args: [{ index: 0, value: JSON.rawJSON('18446744073709551615'), op: 'SCMP_CMP_EQ' }],
        },
      ],
    };
    const { id } = await run({ SecurityOpt: [`seccomp=${JSON.stringify(profile)}`] });
    const config = readFileSync(`${daemon.execRoot}/containers/${id}/config.json`, 'utf8');
    assert.match(config, /"value":18446744073709551615/u);
  });
});
