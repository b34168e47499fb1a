import type { Change } from '#api/dialect/change.ts';
import { ARCHIVE_CHANGES } from './files/archive.ts';
import { CONTAINER_CREATE_CHANGES } from './container-create.ts';
import { CONTAINER_HABITS } from './container-habits.ts';
import { CONTAINER_ERROR_CHANGES } from './container-errors.ts';
import { CONTAINER_INSPECT_CHANGES } from './container-inspect.ts';
import { CONTAINER_STATE_CHANGES } from './container-state.ts';
import { CONTAINER_LIFE_CHANGES } from './container-life.ts';
import { CONTAINER_LIST_CHANGES } from './container-list.ts';
import { STREAM_CHANGES } from './container-streams.ts';
import { COMMIT_CHANGES } from './container-commit.ts';
import { WATCH_CHANGES } from './container-watch.ts';
import { EXEC_CHANGES } from './exec.ts';

export const CONTAINER_CHANGES: readonly Change[] = [
  ...CONTAINER_LIST_CHANGES,
  ...CONTAINER_INSPECT_CHANGES,
  ...CONTAINER_STATE_CHANGES,
  ...CONTAINER_CREATE_CHANGES,
  ...CONTAINER_HABITS,
  ...CONTAINER_LIFE_CHANGES,
  ...STREAM_CHANGES,
  ...ARCHIVE_CHANGES,
  ...WATCH_CHANGES,
  ...COMMIT_CHANGES,
  ...EXEC_CHANGES,
  ...CONTAINER_ERROR_CHANGES,
];
