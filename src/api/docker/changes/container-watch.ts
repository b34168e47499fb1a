import { Type } from '#api/dialect/type.ts';
import type { Change } from '#api/dialect/change.ts';
import { defaulted, reshape } from '#api/dialect/change.ts';
import { StatsQuery, TopAnswer } from '#api/docker/schema/stats.ts';

const silentWhileStopped = defaulted({
  id: 'stats-silent-while-stopped',
  in: '1.22',
  on: StatsQuery,
  why: 'a stream said nothing of a container that did not run',
  source: 'docker-routes.md R09',
  up: (query) => ({ ...query, silentWhileStopped: true }),
  examples: [
    {
      older: { stream: true, 'one-shot': false },
      newer: { stream: true, 'one-shot': false, silentWhileStopped: true },
    },
  ],
});

const topAsObjects = reshape({
  id: 'top-as-objects',
  in: '1.4',
  on: TopAnswer,
  older: Type.Array(
    Type.Object({ PID: Type.String(), Tty: Type.String(), Time: Type.String(), Cmd: Type.String() }),
  ),
  why: 'each process was an object of four members',
  source: 'docker-shapes.md 13',
  down: ({ Titles, Processes }) =>
    (Processes ?? []).map((row) => {
      const of = (title: string): string => row[Titles.indexOf(title)] ?? '';
      return { PID: of('PID'), Tty: of('TTY'), Time: of('TIME'), Cmd: of('CMD') };
    }),
  examples: [
    {
      newer: {
        Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
        Processes: [['root', '7', '1', '0', '10:00', '?', '00:00:00', 'sleep 9']],
      },
      older: [{ PID: '7', Tty: '?', Time: '00:00:00', Cmd: 'sleep 9' }],
    },
  ],
});

export const WATCH_CHANGES: readonly Change[] = [silentWhileStopped, topAsObjects];
