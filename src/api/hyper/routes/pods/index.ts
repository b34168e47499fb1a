import type { Route } from '#api/dialect/route.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { podCreate, podRun } from './create.ts';
import { podKill, podPause, podRemove, podRemoveOld, podStop, podUnpause } from './life.ts';
import { list, podInfo, podLabels, podStats } from './look.ts';
import { podStart } from './start.ts';

export const POD_ROUTES: readonly Route<HyperContext>[] = [
  podCreate,
  podRun,
  podStart,
  podStop,
  podRemove,
  podRemoveOld,
  podKill,
  podPause,
  podUnpause,
  podLabels,
  podInfo,
  podStats,
  list,
];
