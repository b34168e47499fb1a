import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { listSources, ROOT } from './imports.ts';

/** Who may ask for the time of day, and why: durations are measured by `performance.now` or the clock's `elapsed`. */
const TELL_THE_TIME: Readonly<Record<string, string>> = {
  'src/lib/wall-clock.ts': 'is the wall clock',
  'src/adapters/blob-folder/blob-folder.ts': 'the age of a file that an earlier daemon may have left',
  'src/adapters/cgroup/create-resource-meter.ts': 'the moment of a sample, to be shown',
  'src/adapters/monitor-log/read-log.ts': 'whether the end that was asked for is still to come',
  'src/adapters/oci-cli/exit-watch.ts': 'the moment of an end, to be stored',
  'src/adapters/process-table/list-processes.ts': 'start times, to be shown',
  'src/adapters/registry-http/tokens.ts': 'how long ago another machine says that it issued a token',
  'src/api/docker/routes/containers/list.ts': 'ages, to be shown',
  'src/api/docker/routes/system/disk-usage.ts': 'ages, to be shown',
  'src/api/docker/routes/system/info.ts': 'the moment of the answer',
  'src/cli/commands/images.ts': 'ages, to be shown',
  'src/cli/commands/ps.ts': 'ages, to be shown',
  'src/engine/pods/create/inject-files.ts': 'the time of a file',
};

const filesWith = (pattern: RegExp): string[] =>
  listSources().filter((file) => pattern.test(readFileSync(join(ROOT, file), 'utf8')));

suite('clocks', () => {
  test('the time of day is asked for only where it is told or stored', () => {
    assert.deepEqual(
      filesWith(/\bDate\.now\(\)|\btimeOrigin\b|new Date\(\)\.getTime/),
      Object.keys(TELL_THE_TIME).sort(),
    );
  });
});
