import { routesFor } from '#api/dialect/route.ts';
import type { Engine } from '#engine/engine.ts';

/** What handlers of hyperd's dialect are given besides the request. */
export type HyperContext = {
  readonly engine: Engine;
  readonly daemon: HyperFacts;
};

/** Facts about this daemon that only the wire needs. */
export type HyperFacts = {
  /** As `/version` says it. */
  readonly version: string;
  /** Process id: hyperd's `ID` of itself. */
  readonly pid: number;
  /** First IPv4 address of the host that others can reach; '' without one. */
  readonly hostAddress: () => string;
};

export const defineRoute = routesFor<HyperContext>();
