import type { Route } from '#api/dialect/route.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { containerCommit, containerRename } from './commit.ts';
import { containerInfo } from './info.ts';
import { containerCreate, containerKill, containerRemove, containerStart, containerStop } from './life.ts';
import { containerLogs } from './logs.ts';

export const CONTAINER_ROUTES: readonly Route<HyperContext>[] = [
  containerCreate,
  containerStart,
  containerStop,
  containerKill,
  containerRemove,
  containerRename,
  containerCommit,
  containerInfo,
  containerLogs,
];
