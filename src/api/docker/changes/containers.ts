import type { Change } from '#api/dialect/change.ts';

export const CONTAINER_CHANGES: readonly Change[] = [];
