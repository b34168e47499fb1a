// The suites of `npm test`, in the order in which they run.

const MINUTE_MS = 60_000;

/** What lay about before the first suite: a run answers for what it left itself. */
export const LEAKS_BEFORE = '.cache/leaks-before.json';

/**
 * `check` runs commands; the others run node:test over files.
 * `isolated` gives each file a process of its own; `atOnce` is how many of them run side by side.
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} [files] globs
 * @property {string[][]} [commands]
 * @property {boolean} [isolated]
 * @property {number} [atOnce]
 * @property {boolean} [machine] needs the Debian packages
 * @property {string[]} [images] of tools/images.mjs
 * @property {string} [results] where to write what became of each test
 * @property {number} testLimitMs a file in which no test begins or ends for so long is ended
 * @property {number} limitMs of the suite; both in the time of a machine with nothing else to do
 */

/** @type {Suite[]} */
export const SUITES = [
  {
    name: 'check',
    commands: [
      ['oxfmt', '--check', '.'],
      ['oxlint', '--type-aware', '--quiet', '--format=unix'],
      ['tsc', '--noEmit'],
      ['node', 'tools/docs.ts', '--check'],
    ],
    testLimitMs: 5 * MINUTE_MS,
    limitMs: 10 * MINUTE_MS,
  },
  {
    name: 'unit',
    files: ['src/**/*.test.ts', 'test/structure/**/*.test.ts'],
    testLimitMs: MINUTE_MS,
    limitMs: 5 * MINUTE_MS,
  },
  {
    name: 'contracts',
    files: ['test/contracts/**/*.test.ts'],
    isolated: true,
    atOnce: 2,
    machine: true,
    images: ['busybox'],
    testLimitMs: 2 * MINUTE_MS,
    limitMs: 10 * MINUTE_MS,
  },
  {
    name: 'versions',
    files: ['test/versions/**/*.test.ts'],
    isolated: true,
    atOnce: 2,
    testLimitMs: 2 * MINUTE_MS,
    limitMs: 10 * MINUTE_MS,
  },
  {
    name: 'system',
    files: ['test/system/**/*.test.ts'],
    isolated: true,
    atOnce: 2,
    machine: true,
    images: ['busybox', 'debian'],
    testLimitMs: 5 * MINUTE_MS,
    limitMs: 40 * MINUTE_MS,
  },
  {
    name: 'clients',
    files: ['test/clients/*.test.ts', 'test/clients/!(node)/**/*.test.ts'],
    results: '.cache/clients.json',
    isolated: true,
    atOnce: 2,
    machine: true,
    images: ['busybox', 'debian'],
    testLimitMs: 5 * MINUTE_MS,
    limitMs: 40 * MINUTE_MS,
  },
  {
    name: 'faults',
    files: ['test/faults/**/*.test.ts'],
    isolated: true,
    atOnce: 2,
    machine: true,
    images: ['busybox', 'debian'],
    testLimitMs: 5 * MINUTE_MS,
    limitMs: 40 * MINUTE_MS,
  },
  {
    name: 'leaks',
    commands: [['node', 'tools/leaks.mjs', '--except', LEAKS_BEFORE]],
    testLimitMs: MINUTE_MS,
    limitMs: MINUTE_MS,
  },
];
