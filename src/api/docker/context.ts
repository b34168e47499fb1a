import { routesFor } from '#api/dialect/route.ts';
import type { Engine } from '#engine/engine.ts';

/** What handlers of the Docker dialect are given besides the request. */
export type DockerContext = {
  readonly engine: Engine;
  readonly daemon: DaemonFacts;
};

/** Facts about this daemon that only the wire needs. */
export type DaemonFacts = {
  /** Semver, as clients parse it. */
  readonly version: string;
  readonly gitCommit: string;
  readonly buildTime: string;
  /** Listen URLs, as `info` of API 1.13 shows them. */
  readonly listenAddresses: readonly string[];
};

/** Newest version of the Docker Remote API served; also what `_ping` and `version` say. */
export const NEWEST = '1.51';
export const OLDEST = '1.0';

export const defineRoute = routesFor<DockerContext>();
