import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState } from '#domain/container/config.ts';
import { durationText, statusText } from './status-text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const state = (fields: Partial<ContainerState>): ContainerState => ({
  status: 'running',
  pid: 1,
  processStartTime: '',
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: 0,
  finishedAt: 0,
  stopRequested: false,
  ...fields,
});

test('lengths of time are told in the words clients show', () => {
  const table: readonly [ms: number, text: string][] = [
    [999, 'Less than a second'],
    [1000, '1 second'],
    [59_999, '59 seconds'],
    [MINUTE, 'About a minute'],
    [59 * MINUTE, '59 minutes'],
    [HOUR, 'About an hour'],
    [47 * HOUR, '47 hours'],
    [48 * HOUR, '2 days'],
    [14 * DAY, '2 weeks'],
    [60 * DAY, '2 months'],
    [730 * DAY, '2 years'],
  ];
  for (const [ms, text] of table) assert.equal(durationText(ms), text);
});

test('the status says what the state is and since when', () => {
  const now = 10 * MINUTE;
  assert.equal(statusText(state({}), now), 'Up 10 minutes');
  assert.equal(statusText(state({ status: 'paused' }), now), 'Up 10 minutes (Paused)');
  assert.equal(
    statusText(state({ status: 'exited', exitCode: 3, finishedAt: 8 * MINUTE }), now),
    'Exited (3) 2 minutes ago',
  );
  assert.equal(
    statusText(state({ status: 'restarting', exitCode: 1, finishedAt: now - 3000 }), now),
    'Restarting (1) 3 seconds ago',
  );
  assert.equal(statusText(state({ status: 'created' }), now), 'Created');
  assert.equal(statusText(state({ status: 'removing' }), now), 'Removal In Progress');
});
