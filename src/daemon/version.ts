import { readFile } from 'node:fs/promises';
import type { DaemonFacts } from '#api/docker/context.ts';

/** Clients compare the engine's version as semver: it must look like a current Docker engine's. */
const DOCKER_LEVEL = '29.0.0';

/** Version facts of this build, for the wire. */
export const readDaemonFacts = async (listenAddresses: readonly string[]): Promise<DaemonFacts> => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return {
    version: `${DOCKER_LEVEL}-gantry.${version}`,
    gitCommit: process.env['GANTRY_COMMIT'] ?? 'unknown',
    buildTime: process.env['GANTRY_BUILD_TIME'] ?? '1970-01-01T00:00:00.000000000+00:00',
    listenAddresses,
  };
};
