import type { Instant } from '#domain/value/instant.ts';
import type { ContainerConfig, Healthcheck } from './config.ts';

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

/** What probes have found so far (docker-modern.md 3.3). */
export type Health = {
  readonly status: HealthStatus;
  /** Failures in a row, without those of the start period. */
  readonly failingStreak: number;
  /** The last five, oldest first. */
  readonly log: readonly ProbeResult[];
};

export type ProbeResult = {
  readonly start: Instant;
  readonly end: Instant;
  /** The command's; -1 when it could not be run or took too long. */
  readonly exitCode: number;
  readonly output: string;
};

/** A health check with its defaults; times in milliseconds. */
export type ProbePlan = {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
};

const NS_PER_MS = 1e6;
const INTERVAL_MS = 30_000;
const TIMEOUT_MS = 30_000;
const START_INTERVAL_MS = 5000;
const RETRIES = 3;
const KEPT_RESULTS = 5;

/** undefined = the container is not probed. */
export const planProbe = ({
  healthcheck,
  shell,
}: Pick<ContainerConfig, 'healthcheck' | 'shell'>): ProbePlan | undefined => {
  const command = healthcheck === undefined ? undefined : commandOf(healthcheck, shell);
  if (healthcheck === undefined || command === undefined) return undefined;
  return {
    command,
    intervalMs: healthcheck.intervalNs / NS_PER_MS || INTERVAL_MS,
    timeoutMs: healthcheck.timeoutNs / NS_PER_MS || TIMEOUT_MS,
    startPeriodMs: healthcheck.startPeriodNs / NS_PER_MS,
    startIntervalMs: healthcheck.startIntervalNs / NS_PER_MS || START_INTERVAL_MS,
    retries: healthcheck.retries || RETRIES,
  };
};

const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];

const commandOf = (
  { test }: Healthcheck,
  shell: readonly string[] | undefined,
): readonly string[] | undefined => {
  const [kind, ...words] = test;
  if (kind === 'CMD') return words;
  const own = shell === undefined || shell.length === 0 ? DEFAULT_SHELL : shell;
  return kind === 'CMD-SHELL' ? [...own, ...words] : undefined;
};

/** A run begins: what earlier runs found is no longer true, but stays to be read. */
export const startingHealth = (before: Health | undefined): Health => ({
  status: 'starting',
  failingStreak: 0,
  log: before?.log ?? [],
});

/** Who is not probed (any more) is not known to be well: engines show such containers as unhealthy. */
export const unwatchedHealth = (health: Health): Health => ({ ...health, status: 'unhealthy' });

/** How long after the last probe (or the start) the next one begins. */
export const nextProbeMs = (plan: ProbePlan, status: HealthStatus, runMs: number): number =>
  status === 'starting' && runMs < plan.startPeriodMs ? plan.startIntervalMs : plan.intervalMs;

/** `runMs`: how long the run was on when the probe began. A failure within the start period does not count until there has been a success. */
export const afterProbe = (
  health: Health,
  result: ProbeResult,
  { plan, runMs }: { readonly plan: ProbePlan; readonly runMs: number },
): Health => {
  const log = [...health.log, result].slice(-KEPT_RESULTS);
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (health.status === 'starting' && runMs < plan.startPeriodMs) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= plan.retries ? 'unhealthy' : health.status, failingStreak, log };
};

/** `1m30s`, `1.5s`, `250ms`: a length of time as engines print it. */
export const goDuration = (ms: number): string => {
  if (ms < 1000) return `${ms}ms`;
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3.6e6),
    Math.floor(ms / 60_000) % 60,
    (ms % 60_000) / 1000,
  ];
  const big = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${big}${seconds}s`;
};
