// Who may import what. ARCHITECTURE.md shows the same table; .oxlintrc.json is written from it
// (`node test/structure/write-walls.ts`), and walls.test.ts checks both.

export interface Layer {
  /** Folder below src/. The longest that fits a file is its layer. */
  readonly folder: string;
  /** Folders or files below src/ that it may import. */
  readonly ours: readonly string[];
  /** The same, but `import type` only. */
  readonly oursTypesOnly?: readonly string[];
  /** Outside packages and Node's modules. `node:*` stands for every module of Node. */
  readonly outside: readonly string[];
}

/** Modules of Node that compute and touch nothing. */
const PURE = [
  'node:assert',
  'node:async_hooks',
  'node:buffer',
  'node:crypto',
  'node:diagnostics_channel',
  'node:events',
  'node:perf_hooks',
  'node:stream',
  'node:string_decoder',
  'node:timers',
  'node:util',
  'node:zlib',
];

/** For paths inside containers: the POSIX rules, whatever the machine. */
const PURE_WITH_PATHS = [...PURE, 'node:path'];

const PUBLIC_API = ['api/dialect', 'domain', 'engine/engine.ts', 'formats', 'lib'];

export const LAYERS: readonly Layer[] = [
  { folder: 'lib', ours: ['lib'], outside: PURE_WITH_PATHS },
  { folder: 'domain', ours: ['domain'], outside: [] },
  { folder: 'formats', ours: ['domain/error', 'formats', 'lib'], outside: [...PURE_WITH_PATHS, 'yaml'] },
  {
    folder: 'engine/ports',
    ours: ['domain', 'engine/ports', 'lib'],
    oursTypesOnly: ['formats'],
    outside: [],
  },
  { folder: 'engine', ours: ['domain', 'engine', 'formats', 'lib'], outside: PURE_WITH_PATHS },
  {
    folder: 'adapters',
    ours: ['adapters', 'domain', 'engine/ports', 'formats', 'lib'],
    outside: ['node:*', 'dns-packet', 'koffi', 'undici'],
  },
  {
    folder: 'api/http',
    ours: ['api/http', 'domain/error', 'lib'],
    outside: ['node:*', 'ws'],
  },
  {
    folder: 'api/dialect',
    ours: ['api/dialect', 'domain/error', 'lib'],
    oursTypesOnly: ['api/http'],
    outside: [...PURE, 'typebox'],
  },
  {
    folder: 'api/docker',
    ours: ['api/docker', ...PUBLIC_API],
    oursTypesOnly: ['api/http'],
    outside: [...PURE_WITH_PATHS, 'typebox'],
  },
  {
    folder: 'api/hyper',
    ours: ['api/hyper', ...PUBLIC_API],
    oursTypesOnly: ['api/http'],
    outside: [...PURE_WITH_PATHS, 'typebox'],
  },
  {
    folder: 'client',
    ours: ['client', 'formats', 'lib'],
    oursTypesOnly: ['api/docker/schema', 'domain'],
    outside: ['node:*'],
  },
  {
    // `gantry daemon` is a command like the others, so the CLI may start the daemon, and nothing else of it.
    folder: 'cli',
    ours: ['cli', 'client', 'daemon/main.ts', 'domain/error', 'formats', 'lib'],
    outside: ['node:*', 'commander'],
  },
  {
    folder: 'daemon',
    ours: ['adapters', 'api', 'daemon', 'domain', 'engine', 'formats', 'lib'],
    outside: ['node:*', 'pino', 'prom-client'],
  },
];

/** `file` is below src/: `engine/ports/clock.ts`. */
export function findLayer(file: string): Layer | undefined {
  return LAYERS.filter(({ folder }) => file.startsWith(`${folder}/`)).sort(
    (one, other) => other.folder.length - one.folder.length,
  )[0];
}
