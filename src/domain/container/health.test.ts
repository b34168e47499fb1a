import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterProbe, goDuration, nextProbeMs, planProbe, startingHealth, unwatchedHealth } from './health.ts';
import type { Health, ProbePlan, ProbeResult } from './health.ts';

const check = {
  test: ['CMD', 'true'],
  intervalNs: 0,
  timeoutNs: 0,
  startPeriodNs: 0,
  startIntervalNs: 0,
  retries: 0,
};
const plan: ProbePlan = {
  command: ['true'],
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  startIntervalMs: 5000,
  retries: 3,
};
const result = (exitCode: number, start = 0): ProbeResult => ({ start, end: start, exitCode, output: '' });

describe('a health check', () => {
  it('has defaults, an own shell or the usual one, and none for NONE or nothing', () => {
    assert.deepEqual(planProbe({ healthcheck: check }), plan);
    const words = (test: string[], shell?: string[]) =>
      planProbe({ healthcheck: { ...check, test }, ...(shell === undefined ? {} : { shell }) })?.command;
    assert.deepEqual(words(['CMD-SHELL', 'a b']), ['/bin/sh', '-c', 'a b']);
    assert.deepEqual(words(['CMD-SHELL', 'a b'], ['/bin/ash', '-ec']), ['/bin/ash', '-ec', 'a b']);
    for (const test of [[], ['NONE'], ['WHAT', 'x']]) assert.equal(words(test), undefined);
    assert.equal(planProbe({}), undefined);
  });

  it('fails after as many failures in a row as it takes, and one success mends it', () => {
    const steps = [1, -1, 7, 1, 0].reduce<Health[]>(
      (seen, code) => [
        ...seen,
        afterProbe(seen.at(-1) ?? startingHealth(undefined), result(code), { plan, runMs: 0 }),
      ],
      [],
    );
    assert.deepEqual(
      steps.map(({ status, failingStreak }) => [status, failingStreak]),
      [
        ['starting', 1],
        ['starting', 2],
        ['unhealthy', 3],
        ['unhealthy', 4],
        ['healthy', 0],
      ],
    );
  });

  it('keeps five results', () => {
    let health = startingHealth(undefined);
    for (let start = 0; start < 7; start += 1)
      health = afterProbe(health, result(0, start), { plan, runMs: 0 });
    assert.deepEqual(
      health.log.map(({ start }) => start),
      [2, 3, 4, 5, 6],
    );
    assert.equal(startingHealth(health).log.length, 5);
    assert.equal(unwatchedHealth(health).status, 'unhealthy');
  });

  it('forgives failures in the start period until the first success', () => {
    const patient = { ...plan, startPeriodMs: 1000, retries: 1 };
    const forgiven = afterProbe(startingHealth(undefined), result(1), { plan: patient, runMs: 999 });
    assert.deepEqual([forgiven.status, forgiven.failingStreak], ['starting', 0]);
    assert.equal(afterProbe(forgiven, result(1), { plan: patient, runMs: 1000 }).status, 'unhealthy');
    const well = afterProbe(forgiven, result(0), { plan: patient, runMs: 100 });
    assert.equal(afterProbe(well, result(1), { plan: patient, runMs: 200 }).status, 'unhealthy');
  });

  it('comes more often while it starts', () => {
    const starting = { ...plan, startPeriodMs: 1000 };
    assert.deepEqual(
      [
        nextProbeMs(starting, 'starting', 999),
        nextProbeMs(starting, 'starting', 1000),
        nextProbeMs(starting, 'healthy', 0),
      ],
      [5000, 30_000, 30_000],
    );
  });

  it('prints lengths of time as engines do', () => {
    assert.deepEqual([250, 1500, 30_000, 90_000, 3_600_000, 1.5].map(goDuration), [
      '250ms',
      '1.5s',
      '30s',
      '1m30s',
      '1h0m0s',
      '1.5ms',
    ]);
  });
});
