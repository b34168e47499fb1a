import { EngineError } from '#domain/error/engine-error.ts';
import type { NetworkDriver } from '#engine/ports/network.ts';
import { startThread } from '#adapters/libc/thread-calls.ts';
import type { ThreadHost } from '#adapters/libc/thread-host.ts';
import { readHostResolver } from './host-resolver.ts';
import type { NetCalls } from './net-thread.ts';

export type BridgeDriverOptions = {
  /** Names the nftables table (`gantry_<tag>`) and marks the links; differs between daemons of one machine. */
  readonly tag: string;
  readonly execRoot: string;
  readonly dataRoot: string;
  /** Called for what goes on without, such as a published port that could not be held again. */
  readonly onWarning: (text: string) => void;
  /** Lends its thread; without it the driver has one of its own. */
  readonly host?: ThreadHost;
};

/** Bridges, veth pairs and published ports, by netlink from a thread. */
export const createBridgeDriver = (
  options: BridgeDriverOptions,
): NetworkDriver & { close(): Promise<void> } => {
  const { tag, onWarning, host } = options;
  if (!/^\w{1,64}$/.test(tag)) throw new EngineError('invalid', 'network.tag', `"${tag}" cannot be a tag`);
  const thread = startThread<NetCalls>(new URL('net-thread.ts', import.meta.url), {
    data: { tag },
    onNotice: onWarning,
    host,
  });
  return {
    ensureBridge: async (bridge) => thread.call('ensureBridge', bridge),
    removeBridge: async (name) => thread.call('removeBridge', name),
    connect: async (request) => thread.call('connect', request),
    disconnect: async (endpointId) => thread.call('disconnect', endpointId),
    isolate: async (networkPath) => thread.call('isolate', networkPath),
    program: async (networkPath, rules) => thread.call('program', { networkPath, rules }),
    publish: async (owner, address, ports) => thread.call('publish', { owner, address, ports }),
    republish: async (owner, address, ports) => thread.call('republish', { owner, address, ports }),
    unpublish: async (owner) => thread.call('unpublish', owner),
    reconcile: async (known) => thread.call('reconcile', known),
    hostResolver: readHostResolver,
    close: () => thread.close(),
  };
};
