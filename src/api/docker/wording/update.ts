import type { Wording } from './wording.ts';

const refused =
  (words: string): Wording =>
  ({ params: { id } }) => ({ message: `Cannot update container ${id}: ${words}` });

const conflict = (what: string, other: string): Wording =>
  refused(`Conflicting options: ${what} cannot be updated as ${other} has already been set`);

/** Today's words for what `update` and `top` refuse. */
export const UPDATE_WORDING: Readonly<Record<string, Wording>> = {
  'update.restart-of-auto-remove': refused(
    'Restart policy cannot be updated because AutoRemove is enabled for the container',
  ),
  'update.nano-and-period': conflict('Nano CPUs', 'CPU Period'),
  'update.nano-and-quota': conflict('Nano CPUs', 'CPU Quota'),
  'update.period-and-nano': conflict('CPU Period', 'NanoCPUs'),
  'update.quota-and-nano': conflict('CPU Quota', 'NanoCPUs'),
  'update.memory-above-swap': refused(
    'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
  ),
  'runtime.update': ({ params: { detail }, place }) => ({
    status: 500,
    message: `Cannot update container ${place.params['name'] ?? ''}: ${detail}`,
  }),
};
