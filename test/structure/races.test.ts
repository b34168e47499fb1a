import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { listSources, ROOT } from './imports.ts';

/**
 * A promise keeps every reaction until it settles: `Promise.race` once per step against one that lives long keeps every step.
 * `lib/gate.ts` races without. These race once, and none of what they race outlives the wait by much.
 */
const RACE_ONCE: Readonly<Record<string, string>> = {
  'src/adapters/oci-cli/exec/exec-terminal.ts': 'the terminal of one exec, or its end',
  'src/adapters/oci-cli/exec/execs.ts': 'the start of one exec, or its end',
  'src/adapters/overlay/layer-store.ts': 'one caller and the layer that it waits for',
  'src/api/http/serve/pump.ts': 'one answer, or the end of its client',
  'src/api/hyper/streams/serve-session.ts': 'one session, or the end of its client',
  'src/cli/private-daemon.ts': 'the start of a daemon, or its end',
  'src/engine/containers/life/halt.ts': 'the end of a run, thrice at most',
  'src/engine/images/shared-tasks.ts': 'one caller and the work that it waits for',
  'src/engine/streams/create-streams.ts': 'the last output of a run',
  'src/engine/streams/read-logs.ts': 'the first lines of one reader',
};

suite('races', () => {
  test('what races per step does so without leaving a reaction', () => {
    const racing = listSources().filter((file) =>
      /\bPromise\s*\.\s*(?:race|any)\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    assert.deepEqual(racing, Object.keys(RACE_ONCE).sort());
  });
});
