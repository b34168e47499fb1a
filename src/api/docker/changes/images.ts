import type { Change } from '#api/dialect/change.ts';

export const IMAGE_CHANGES: readonly Change[] = [];
