import type { Change } from '#api/dialect/change.ts';
import { IMAGE_CREATE_CHANGES } from './create.ts';
import { IMAGE_ERROR_CHANGES } from './errors.ts';
import { IMAGE_HISTORY_CHANGES } from './history.ts';
import { IMAGE_INSPECT_CHANGES } from './inspect.ts';
import { IMAGE_LIST_CHANGES } from './list.ts';
import { IMAGE_MISSING_CHANGES } from './missing.ts';
import { IMAGE_REMOVE_CHANGES } from './remove.ts';
import { IMAGE_SAVE_CHANGES } from './save.ts';
import { IMAGE_TAG_CHANGES } from './tag.ts';
import { PROGRESS_CHANGES } from '#api/docker/changes/progress.ts';

export const IMAGE_CHANGES: readonly Change[] = [
  ...IMAGE_LIST_CHANGES,
  ...IMAGE_INSPECT_CHANGES,
  ...IMAGE_HISTORY_CHANGES,
  ...IMAGE_REMOVE_CHANGES,
  ...IMAGE_TAG_CHANGES,
  ...IMAGE_SAVE_CHANGES,
  ...IMAGE_CREATE_CHANGES,
  ...IMAGE_ERROR_CHANGES,
  ...IMAGE_MISSING_CHANGES,
  ...PROGRESS_CHANGES,
];
