import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

const INSIDE = { least: 130, most: 199 };
/** For the second bridge of a daemon, before the first has a route. */
export const BESIDE = { least: 200, most: 210 };

/** A bridge's address in a subnet that no route of the machine leads to: daemons of tests run side by side. */
export const freeBridgeAddress = ({ least, most } = INSIDE): string => {
  const taken = takenSubnets();
  for (;;) {
    const [second, third] = [randomInt(least, most + 1), randomInt(256)];
    if (!taken.has(`10.${second}.${third}`)) return `10.${second}.${third}.1/24`;
  }
};

/** The first three numbers of each route's destination, which the kernel writes in hex from the last byte to the first. */
const takenSubnets = (): ReadonlySet<string> => {
  const [, ...lines] = readFileSync('/proc/net/route', 'utf8').trim().split('\n');
  return new Set(
    lines.map((line) => {
      const hex = line.split('\t')[1] ?? '';
      return [6, 4, 2].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
    }),
  );
};
