import { KeyedLock } from '#lib/keyed-lock.ts';
import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { Admission } from './containers/admission.ts';
import type { ContainerContext } from './containers/context.ts';
import { createContainers } from './containers/create-containers.ts';
import { ProbeTable } from './containers/health/probe-table.ts';
import type { ExecHooks, ImageHooks, StreamHooks } from './containers/hooks.ts';
import { recover } from './containers/life/recover.ts';
import { stop } from './containers/life/stop.ts';
import { watchEnds } from './containers/life/watch-ends.ts';
import { ContainerRecords } from './containers/records.ts';
import { RunTable } from './containers/runs.ts';
import { Waiters } from './containers/waiters.ts';
import type {
  Attachment,
  AttachOptions,
  Engine,
  ExecOperations,
  ImageOperations,
  LogOptions,
  LogReader,
} from './engine.ts';
import { createEventBus } from './events/bus.ts';
import { AddressBook } from './networks/address-book.ts';
import { createNetworks, ensurePredefinedNetworks } from './networks/networks.ts';
import { createPods } from './pods/create-pods.ts';
import { guardPods } from './pods/guard.ts';
import { PodRecords } from './pods/pod-records.ts';
import { createSystem, ensureDaemonId } from './system/create-system.ts';
import { createVolumes } from './volumes/create-volumes.ts';
import { VolumeMounts } from './volumes/volume-mounts.ts';
import type { EngineWorld, World } from './world.ts';

/** The parts of the engine that stand on their own; tests of the life of containers bring small ones. */
export type EngineParts = {
  /** `recover` runs before the containers': their layers must be whole first. Says what it did. */
  readonly images: (
    world: EngineWorld,
  ) => ImageOperations & Partial<ImageHooks> & { recover?(): Promise<string[]> };
  readonly streams: (world: EngineWorld) => StreamHooks & {
    attach(container: Container, options: AttachOptions): Attachment;
    logs(container: Container, options: LogOptions): Promise<LogReader>;
  };
  readonly execs: (
    world: EngineWorld & { readonly find: (ref: string) => Container },
  ) => ExecOperations & ExecHooks;
};

export type RunningEngine = {
  readonly engine: Engine;
  /** Brings records and machine together; once, before the first request. Says what it did. */
  recover(): Promise<string[]>;
  /** Leaves the containers running unless asked otherwise. The ports stay open: their owner closes them after. */
  close(options: { readonly stopContainers: boolean }): Promise<void>;
};

const STARTS_PER_CORE = 4;

/** Ties the engine's parts together. */
export const assembleEngine = (ports: World, parts: EngineParts): RunningEngine => {
  const leaving = new AbortController();
  const world: EngineWorld = { ...ports, events: createEventBus(ports.clock) };
  ensurePredefinedNetworks(world);
  ensureDaemonId(world);
  const records = new ContainerRecords(world.state.containers);
  const images = parts.images(world);
  const networks = createNetworks(world);
  const streams = parts.streams(world);
  const execs = parts.execs({ ...world, find: (ref) => records.get(ref) });
  const pods = new PodRecords(world);
  const locks = new KeyedLock();
  const context: ContainerContext = {
    ...world,
    records,
    locks,
    waiters: new Waiters(),
    runs: new RunTable(),
    probes: new ProbeTable(),
    admission: new Admission(STARTS_PER_CORE * world.machine.facts.cpus),
    addresses: new AddressBook(),
    networks,
    volumeMounts: new VolumeMounts({ ...world, locks }),
    images,
    streams,
    execs,
    pods,
    leaving: leaving.signal,
  };
  const ends = watchEnds(context);
  const podParts = createPods(context, pods, {
    attach: async (id, options) => streams.attach(records.get(id), options),
    readLogs: async (id, options) => streams.logs(records.get(id), options),
  });
  const engine: Engine = {
    containers: containersOf(context, pods, streams),
    execs,
    images,
    networks,
    volumes: createVolumes(context),
    pods: podParts.pods,
    sandboxes: podParts.sandboxes,
    system: createSystem({ ...world, images, listContainers: () => records.list() }),
  };
  return {
    engine,
    recover: async () => {
      podParts.adoptAddresses();
      const said = await ends.heldBack(() => recoverAll(context, images));
      // Pods that are to rest wait for the ends of their containers.
      return [...said, ...(await podParts.recover())];
    },
    close: async ({ stopContainers }) => {
      leaving.abort();
      if (stopContainers) await Promise.all([podParts.stopAll(), stopAll(context)]);
      await ends.finish();
    },
  };
};

const containersOf = (
  context: ContainerContext,
  pods: PodRecords,
  streams: ReturnType<EngineParts['streams']>,
): Engine['containers'] =>
  guardPods(
    {
      ...createContainers(context),
      attach: async (ref, options) => streams.attach(context.records.get(ref), options),
      logs: async (ref, options) => streams.logs(context.records.get(ref), options),
    },
    { records: context.records, pods },
  );

const recoverAll = async (
  context: ContainerContext,
  images: { recover?(): Promise<string[]> },
): Promise<string[]> => {
  const { bridge, podBridge } = context.settings;
  const bridges = podBridge === undefined ? [bridge] : [bridge, podBridge];
  await Promise.all([
    ...bridges.map(async ({ name, cidr, mtu }) => context.network.ensureBridge({ name, address: cidr, mtu })),
    context.snapshotter.recover(),
    context.content.recover(),
  ]);
  const said = (await images.recover?.()) ?? [];
  return [...said, ...(await recover(context))];
};

const stopAll = async (context: ContainerContext): Promise<void> => {
  const live = context.records
    .list()
    .filter(
      ({ state, podId }) => podId === undefined && isLive(state.status) && state.status !== 'restarting',
    );
  await Promise.all(
    live.map(async ({ id }) => {
      try {
        await stop(context, id, {});
      } catch (error) {
        if (isEngineError(error, 'unchanged')) return;
        context.log('warn', 'a container did not stop with the daemon', { container: id, error });
      }
    }),
  );
};
