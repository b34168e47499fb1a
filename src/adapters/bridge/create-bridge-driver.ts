import { join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import type { NetworkDriver } from '#engine/ports/network.ts';
import { NEWS_SIGNAL } from '#adapters/libc/netlink-watch.ts';
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
  const { tag, execRoot, onWarning, host } = options;
  if (!/^\w{1,64}$/.test(tag)) throw new EngineError('invalid', 'network.tag', `"${tag}" cannot be a tag`);
  const thread = startThread<NetCalls>(new URL('net-thread.ts', import.meta.url), {
    data: { tag, forwardingMarker: join(execRoot, 'forwarding-is-ours') },
    onNotice: onWarning,
    host,
  });
  const stopListening = onNews(() => thread.call('lookAround', undefined), onWarning);
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
    hostResolver: async () => readHostResolver(),
    close: async () => {
      stopListening();
      await thread.close();
    },
  };
};

/** A firewall's reload comes in many pieces: what is missing is put back once it is over. */
const SETTLE_MS = 200;
/** When it could not be put back: others may hold what it needs. */
const RETRY_MS = 2000;

/** The kernel's news come as a signal; `look` is called a moment later. Gives back how to end it. */
const onNews = (look: () => Promise<void>, onWarning: (text: string) => void): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const soon = (delayMs: number): void => {
    if (!isOver) timer ??= setTimeout(lookNow, delayMs).unref();
  };
  const lookNow = (): void => {
    timer = undefined;
    look().catch((error: unknown) => {
      if (isOver) return;
      onWarning(`what others took away of the network could not be put back: ${String(error)}`);
      soon(RETRY_MS);
    });
  };
  const hear = (): void => soon(SETTLE_MS);
  process.on(NEWS_SIGNAL, hear);
  return () => {
    isOver = true;
    clearTimeout(timer);
    process.off(NEWS_SIGNAL, hear);
  };
};
