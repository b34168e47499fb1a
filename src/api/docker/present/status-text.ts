import type { ContainerState } from '#domain/container/config.ts';
import type { Instant } from '#domain/value/instant.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY_HOURS = 24;

/** A length of time in words, all numbers truncated (docker-shapes.md 1b). */
export const durationText = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < MINUTE) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  // Today's engines round the hours, as clients show them.
  const hours = Math.floor(seconds / HOUR + 0.5);
  if (hours === 1) return 'About an hour';
  return hours < 2 * DAY_HOURS ? `${hours} hours` : longText(Math.floor(hours / DAY_HOURS), hours);
};

const longText = (days: number, hours: number): string => {
  if (hours < 14 * DAY_HOURS) return `${days} days`;
  if (hours < 60 * DAY_HOURS) return `${Math.floor(days / 7)} weeks`;
  if (hours < 2 * 365 * DAY_HOURS) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
};

const healthText = ({ health }: ContainerState): string => {
  if (health === undefined) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
};

/** `Up 5 minutes`, `Exited (0) 2 hours ago`... (docker-modern.md 3.2). */
export const statusText = (state: ContainerState, now: Instant): string => {
  switch (state.status) {
    case 'running':
      return `Up ${durationText(now - state.startedAt)}${healthText(state)}`;
    case 'paused':
      return `Up ${durationText(now - state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${durationText(now - state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'creating':
    case 'created':
      return 'Created';
    case 'exited':
      return `Exited (${state.exitCode}) ${durationText(now - state.finishedAt)} ago`;
  }
};
