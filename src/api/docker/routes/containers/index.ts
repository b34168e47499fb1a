import { containerArchiveGet, containerArchivePut, containerArchiveStat, containerCopy } from './archive.ts';
import { containerAttach, containerAttachSocket } from './attach.ts';
import { containerCommit } from './commit.ts';
import { containerCreate } from './create.ts';
import { containerChanges, containerExport } from './export.ts';
import { containerPause, containerUnpause } from './freeze.ts';
import { containerInspect } from './inspect.ts';
import { containerList } from './list.ts';
import { containerLogs } from './logs.ts';
import { containerPrune } from './prune.ts';
import { containerRemove } from './remove.ts';
import { containerRename } from './rename.ts';
import { containerResize } from './resize.ts';
import { containerStart } from './start.ts';
import { containerKill, containerRestart, containerStop } from './stop.ts';
import { containerStats } from './stats.ts';
import { containerTop } from './top.ts';
import { containerUpdate } from './update.ts';
import { containerWait } from './wait.ts';

export const CONTAINER_ROUTES = [
  containerList,
  containerCreate,
  containerInspect,
  containerStart,
  containerStop,
  containerRestart,
  containerKill,
  containerPause,
  containerUnpause,
  containerRename,
  containerResize,
  containerWait,
  containerRemove,
  containerPrune,
  containerAttach,
  containerAttachSocket,
  containerLogs,
  containerArchiveStat,
  containerArchiveGet,
  containerArchivePut,
  containerCopy,
  containerExport,
  containerChanges,
  containerTop,
  containerStats,
  containerUpdate,
  containerCommit,
];
