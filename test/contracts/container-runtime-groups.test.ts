import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readProcessStat } from '#adapters/oci-cli/process/process-identity.ts';
import { parseCgroupLayout, parseProcessCgroups } from '#formats/proc/cgroup-layout.ts';
import type { Place } from '#test/support/runtime/runtime-world.ts';
import {
  eventually,
  leavePlace,
  makePlace,
  RuntimeWorld,
  variants,
} from '#test/support/runtime/runtime-world.ts';

const { unifiedPath } = parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));

const groupOf = (pid: number): string =>
  parseProcessCgroups(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).get('') ?? '';

const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/u.test(entry))
    .map((entry) => readProcessStat(Number(entry)))
    .filter((stat) => stat?.parent === parent && stat.state !== 'Z')
    .map((stat) => stat!.pid);

describe('control groups of what outlives us', { skip: unifiedPath === undefined && 'no cgroup2' }, () => {
  const home = groupOf(process.pid);
  const own = `${home === '/' ? '' : home}/gantry-service-${process.pid}`;
  const move = (group: string): void =>
    writeFileSync(join(unifiedPath ?? '', group, 'cgroup.procs'), String(process.pid));

  before(() => {
    mkdirSync(join(unifiedPath ?? '', own));
    move(own);
  });
  after(() => {
    move(home);
    rmdirSync(join(unifiedPath ?? '', own));
  });

  for (const { name, options } of variants) {
    it(`by ${name}: neither monitors nor execs are in ours`, async () => {
      const place: Place = makePlace(options);
      const world = await RuntimeWorld.open(place);
      try {
        await world.runtime.recover([]);
        const id = await world.start(['sleep', '1000']);
        await world.exec(id, ['sleep', '1000'], { detached: true });
        const attached = await world.exec(id, ['sleep', '1000']);
        await eventually(async () => assert.equal((await world.runtime.processes(id)).length, 3));
        const all = [...childrenOf(process.pid), ...(await world.runtime.processes(id))];
        assert.ok(all.length >= 4);
        assert.deepEqual(
          all.filter((pid) => groupOf(pid).startsWith(own)),
          [],
        );
        attached.kill(9);
        await attached.exit;
        await world.runtime.delete(id);
      } finally {
        await world.close();
        await leavePlace(place);
      }
    });
  }
});
