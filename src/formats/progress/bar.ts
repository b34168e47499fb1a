import { formatSize } from './size.ts';

const CELLS = 50;
const SIZE_WIDTH = 8;

/**
 * The ready-made text of a progress message: empty without numbers, a size when only that is known, else a
 * bar of fifty cells and both sizes (docker-shapes.md 12a). `separator` stands between number and unit.
 */
export const formatBar = (current: number, total: number, separator = ''): string => {
  if (current <= 0 && total <= 0) return '';
  const done = formatSize(current, separator).padStart(SIZE_WIDTH);
  if (total <= 0) return done;
  const filled = Math.min(CELLS, Math.max(0, Math.floor(((current / total) * 100) / 2)));
  const bar = `${'='.repeat(filled)}>${' '.repeat(CELLS - filled)}`;
  return `[${bar}] ${done}${current > total ? '' : `/${formatSize(total, separator)}`}`;
};
