const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, four significant digits, trailing zeros dropped: `65.54 kB`, `2 B` (docker-shapes.md 12a). */
export const formatSize = (bytes: number, separator = ' '): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${separator}${UNITS[unit]}`;
};
