import { networkInterfaces } from 'node:os';
import type { Facts } from './serve.ts';

/** Clients compare the engine's version as semver, old ones by its three parts: it must look like a current Docker engine's. */
const DOCKER_LEVEL = '29.0.0';

/** Clients of the other dialect compare nothing; this is the release whose API is spoken. */
const HYPER_LEVEL = '1.1.0';

/** Facts of this build and process, for the wires. */
export const readDaemonFacts = (listenAddresses: readonly string[]): Facts => {
  return {
    docker: {
      version: `${DOCKER_LEVEL}-gantry`,
      gitCommit: process.env['GANTRY_COMMIT'] ?? 'unknown',
      buildTime: process.env['GANTRY_BUILD_TIME'] ?? '1970-01-01T00:00:00.000000000+00:00',
      listenAddresses,
    },
    hyper: { version: `${HYPER_LEVEL}-gantry`, pid: process.pid, hostAddress },
  };
};

/** The first that is not the machine's own business, as the kernel lists them. */
const hostAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '';
