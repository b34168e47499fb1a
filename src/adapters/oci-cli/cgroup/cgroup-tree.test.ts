import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { CgroupTree, parseOomKills } from './cgroup-tree.ts';
import { freeze, isFrozen, parseFrozen, thaw } from './freezer.ts';

/** Plain folders in place of the two kinds of hierarchy: paths and file contents are what is tested here. */
const root = mkdtempSync(join(tmpdir(), 'gantry-cgroup-'));
after(() => rmSync(root, { recursive: true }));

const put = (folder: string, files: Record<string, string>): string => {
  mkdirSync(join(root, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
  return join(root, folder);
};

describe('control groups of version 2', () => {
  const tree = new CgroupTree({
    version: 2,
    isHybrid: false,
    hierarchies: [],
    unifiedPath: join(root, 'v2'),
  });
  const one = put('v2/gantry/one', {
    'cgroup.procs': '10\n11\n',
    'memory.events': 'oom 3\noom_kill 2\n',
    'cgroup.kill': '',
  });

  it('have one folder whatever the controller', () => {
    assert.equal(tree.folder('/gantry/one', 'freezer'), one);
    assert.deepEqual(tree.folders('/gantry/one'), [one]);
  });

  it('list processes of groups below, too', () => {
    put('v2/gantry/one/inner', { 'cgroup.procs': '12\n' });
    assert.deepEqual(tree.processes('/gantry/one'), [10, 11, 12]);
    assert.deepEqual(tree.processes('/gantry/none'), []);
  });

  it('count what the OOM killer took', async () => {
    assert.equal(await tree.oomKills('/gantry/one'), 2);
    assert.equal(await tree.oomKills('/gantry/none'), 0);
  });

  it('freeze and thaw by cgroup.freeze, and read cgroup.events', async () => {
    put('v2/gantry/cold', { 'cgroup.freeze': '0', 'cgroup.events': 'populated 1\nfrozen 1\n' });
    await freeze(tree, '/gantry/cold');
    assert.equal(readFileSync(join(root, 'v2/gantry/cold/cgroup.freeze'), 'utf8'), '1');
    assert.equal(await isFrozen(tree, '/gantry/cold'), true);
    await thaw(tree, '/gantry/cold');
    assert.equal(readFileSync(join(root, 'v2/gantry/cold/cgroup.freeze'), 'utf8'), '0');
  });

  it('are killed as a whole by cgroup.kill', async () => {
    put('v2/gantry/doomed', { 'cgroup.procs': '', 'cgroup.kill': '' });
    await tree.killAll('/gantry/doomed');
    assert.equal(readFileSync(join(root, 'v2/gantry/doomed/cgroup.kill'), 'utf8'), '1');
  });

  it('are removed with what lies below them', async () => {
    mkdirSync(join(root, 'v2/gantry/a/b/c'), { recursive: true });
    await tree.remove('/gantry/a');
    assert.equal(existsSync(join(root, 'v2/gantry/a')), false);
    await tree.remove('/gantry/a');
  });

  it('the root is never removed', async () => {
    await tree.remove('/');
    await tree.remove('');
    assert.equal(existsSync(join(root, 'v2')), true);
  });

  it('empty groups between a container and our own parent go, others stay', async () => {
    mkdirSync(join(root, 'v2/gantry/deep/er'), { recursive: true });
    await tree.removeBetween('/gantry/deep/er/id', '/gantry');
    assert.equal(existsSync(join(root, 'v2/gantry/deep')), false);
    assert.equal(existsSync(join(root, 'v2/gantry/one')), true);
  });
});

describe('control groups of version 1', () => {
  const hierarchies = [
    { path: join(root, 'memory'), controllers: ['memory'] },
    { path: join(root, 'freezer'), controllers: ['freezer'] },
  ];
  const tree = new CgroupTree({
    version: 1,
    isHybrid: true,
    hierarchies,
    unifiedPath: join(root, 'unified'),
  });

  it('have a folder in each hierarchy', () => {
    assert.equal(tree.folder('/g/one', 'memory'), join(root, 'memory/g/one'));
    assert.equal(tree.folder('/g/one', 'pids'), undefined);
    assert.equal(tree.folders('/g/one').length, 3);
  });

  it('count and freeze by their own files', async () => {
    put('memory/g/one', { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n' });
    put('freezer/g/one', { 'freezer.state': 'THAWED\n', 'cgroup.procs': '7\n' });
    assert.equal(await tree.oomKills('/g/one'), 1);
    assert.deepEqual(tree.processes('/g/one'), [7]);
    assert.equal(await isFrozen(tree, '/g/one'), false);
    await freeze(tree, '/g/one');
    assert.equal(await isFrozen(tree, '/g/one'), true);
  });
});

it('files that say nothing of it count nothing', () => {
  assert.equal(parseOomKills('low 0\nhigh 0\n'), 0);
  assert.equal(parseFrozen('FREEZING\n'), false);
  assert.equal(parseFrozen('populated 1\nfrozen 0\n'), false);
});
