import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Program } from '#test/support/clients/program.ts';
import { TestDaemon } from '#test/support/daemon.ts';
import { startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { findOutsideTool } from '#test/support/outside-tools.ts';

/** One client at one version of the API; no version: it negotiates. */
export type Column = { readonly tool: 'docker-20' | 'docker-28'; readonly version?: string };

/** What a scenario works with. Names are its own; containers named by it are removed afterwards. */
export type Bench = {
  readonly docker: Program;
  readonly daemon: TestDaemon;
  readonly registry: TestRegistry;
  readonly column: Column;
  /** An empty folder of the scenario's own. */
  readonly folder: string;
  /** A name nobody else uses. */
  readonly name: (suffix?: string) => string;
  /** Whether the column's version is at least this one. */
  readonly since: (version: string) => boolean;
};

export type Scenario = {
  readonly title: string;
  readonly run: (bench: Bench) => Promise<void>;
  /** The first API version at which this works: the client's gate, or the engine's own history. */
  readonly since?: string | Readonly<Record<Column['tool'], string>>;
};

const NEWEST: Record<Column['tool'], string> = { 'docker-20': '1.41', 'docker-28': '1.51' };

/** Every scenario in every column, over one daemon. */
export const runTable = (columns: readonly Column[], scenarios: readonly Scenario[]): void => {
  let daemon: TestDaemon | undefined;
  let registry: TestRegistry | undefined;
  before(async () => {
    [daemon, registry] = await Promise.all([TestDaemon.start(), startRegistry()]);
  });
  after(async () => {
    await daemon?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });
  for (const column of columns) {
    const program = findOutsideTool(column.tool);
    const skip = program === undefined ? `set-up could not get ${column.tool}` : false;
    describe(titleOf(column), { concurrency: 4, skip }, () => {
      for (const scenario of scenarios.filter((each) => isIn(each, column)))
        test(scenario.title, async () => {
          if (daemon === undefined || registry === undefined || program === undefined)
            throw new Error('not started');
          await runOne(scenario, { column, daemon, registry, program });
        });
    });
  }
};

const titleOf = ({ tool, version }: Column): string => `${tool} at ${version ?? 'what it negotiates'}`;

const versionOf = ({ tool, version }: Column): string => version ?? NEWEST[tool];

const isIn = ({ since = '1.0' }: Scenario, column: Column): boolean =>
  isAtLeast(versionOf(column), typeof since === 'string' ? since : since[column.tool]);

const isAtLeast = (version: string, least: string): boolean =>
  Number(version.split('.')[1]) >= Number(least.split('.')[1]);

type Place = Pick<Bench, 'column' | 'daemon' | 'registry'> & { readonly program: string };

let count = 0;

const runOne = async (scenario: Scenario, { column, daemon, registry, program }: Place): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-client-'));
  count += 1;
  const prefix = `s${count}-`;
  const docker = new Program([program], environment(daemon.socket, folder, column.version));
  try {
    await scenario.run({
      docker,
      daemon,
      registry,
      column,
      folder,
      name: (suffix = 'c') => `${prefix}${suffix}`,
      since: (version) => isAtLeast(versionOf(column), version),
    });
  } finally {
    await removeContainers(daemon, prefix);
    await rm(folder, { recursive: true, force: true });
  }
};

const environment = (socket: string, folder: string, version: string | undefined): NodeJS.ProcessEnv => ({
  DOCKER_HOST: `unix://${socket}`,
  DOCKER_CONFIG: path.join(folder, 'config'),
  DOCKER_API_VERSION: version,
  DOCKER_CLI_HINTS: 'false',
  TERM: 'xterm',
});

const removeContainers = async ({ client }: TestDaemon, prefix: string): Promise<void> => {
  const query = { all: 1, filters: JSON.stringify({ name: [prefix] }) };
  const left = await client.json<{ Id: string; Names: string[]; State: string }[]>(
    'GET',
    '/containers/json',
    {
      query,
    },
  );
  await Promise.all(
    left
      .filter(({ Names }) => Names[0]?.startsWith(`/${prefix}`))
      .map(({ Id }) =>
        client.json('DELETE', `/containers/${Id}`, { query: { force: 1, v: 1 } }).catch(() => undefined),
      ),
  );
};
