import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestDaemon } from '#test/support/daemon.ts';
import { isAccepted, unneeded, type Accepted } from './golden/accepted.ts';
import { compareAnswers, type Recorded } from './golden/compare.ts';
import { LIFE_OF_OLD, requestOf } from './golden/requests.ts';
import { setTheStage } from './golden/stage.ts';
import { ask } from '#test/support/versions/ask.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/golden', import.meta.url));
const skip = existsSync(FOLDER) ? false : `no recorded answers of real engines at ${FOLDER}`;

const namesIn = (folder: string): string[] => {
  const names = globSync('*.json', { cwd: path.join(FOLDER, folder) }).map((file) => file.slice(0, -5));
  const inOrder = LIFE_OF_OLD.filter((name) => names.includes(name));
  return [...names.filter((name) => !inOrder.includes(name)).toSorted(), ...inOrder];
};

describe('answers that real engines gave', { skip }, () => {
  let daemon: TestDaemon;
  let ids: ReadonlyMap<string, string>;
  const used = new Set<Accepted>();
  before(async () => {
    daemon = await TestDaemon.start();
    ids = await setTheStage(daemon);
  });
  after(async () => daemon?.[Symbol.asyncDispose]());

  for (const folder of globSync('dockerd*-v1.*', { cwd: FOLDER }).toSorted()) {
    const [engine = '', version = ''] = folder.split('-v');
    test(`${engine} at ${version}`, async () => {
      const found: string[] = [];
      for (const name of namesIn(folder)) {
        const file = path.join(FOLDER, folder, `${name}.json`);
        const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
        const request = requestOf(name, recorded, { version, ids });
        if (request === undefined) continue;
        const answer = await ask(daemon.socket, request.method, request.path, request.question);
        found.push(...compareAnswers(recorded, answer).map((line) => `${name} ${line}`));
      }
      const differences = found.filter((line) => !isAccepted({ engine, version }, line, used));
      assert.deepEqual(differences, [], differences.join('\n'));
    });
  }
  test('every accepted difference is still one', () => {
    assert.deepEqual(unneeded(used), []);
  });
});
