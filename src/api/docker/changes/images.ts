import type { Change } from '#api/dialect/change.ts';
import { IMAGE_CREATE_CHANGES } from './image-create.ts';
import { IMAGE_ERROR_CHANGES } from './image-errors.ts';
import { IMAGE_HISTORY_CHANGES } from './image-history.ts';
import { IMAGE_INSPECT_CHANGES } from './image-inspect.ts';
import { IMAGE_LIST_CHANGES } from './image-list.ts';
import { IMAGE_MISSING_CHANGES } from './image-missing.ts';
import { IMAGE_REMOVE_CHANGES } from './image-remove.ts';
import { IMAGE_TAG_CHANGES } from './image-tag.ts';
import { PROGRESS_CHANGES } from './progress.ts';

export const IMAGE_CHANGES: readonly Change[] = [
  ...IMAGE_LIST_CHANGES,
  ...IMAGE_INSPECT_CHANGES,
  ...IMAGE_HISTORY_CHANGES,
  ...IMAGE_REMOVE_CHANGES,
  ...IMAGE_TAG_CHANGES,
  ...IMAGE_CREATE_CHANGES,
  ...IMAGE_ERROR_CHANGES,
  ...IMAGE_MISSING_CHANGES,
  ...PROGRESS_CHANGES,
];
