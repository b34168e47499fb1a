import { randomInt } from 'node:crypto';
import { randomId } from '#lib/random-id.ts';
import type { ContainerConfig, ContainerState } from '#domain/container/config.ts';
import type { Container } from '#domain/container/container.ts';
import { commandOf, mergeImageConfig } from '#domain/container/merge-image.ts';
import { withDataRootAsSlave } from '#domain/container/mounts/data-root.ts';
import { planMounts } from '#domain/container/mounts/plan-mounts.ts';
import type { PlannedMount } from '#domain/container/mounts/plan-mounts.ts';
import { generateName, ownSandboxId, parseName, shortId } from '#domain/container/names.ts';
import { exposedWithBindings } from '#domain/container/ports.ts';
import { ROOT_GROUND } from '#domain/container/mounts/root-ground.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ChainId, ContainerId, PodId } from '#domain/value/flavor.ts';
import { NEVER } from '#domain/value/instant.ts';
import type { CreateContainer } from '#engine/engine.ts';
import { planLinks } from '#engine/containers/links/plan-links.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { chooseImage } from './choose-image.ts';
import { discard } from './discard.ts';
import { planEndpoints } from './endpoints.ts';
import { settleHost } from './settle-host.ts';
import { mountsOf, nameVolumes, realizeMounts, verifyMounts } from './volumes.ts';

/** A container made as a part of a pod: asked for with network mode `none`. */
export type Membership = {
  readonly id: ContainerId;
  readonly podId: PodId;
  /** Called when its root is there, before it counts as created. */
  readonly prepare: (id: ContainerId) => Promise<void>;
};

/** Makes a container up to its first start; a create that fails leaves nothing behind. */
export const create = (
  world: ContainerContext,
  request: CreateContainer,
  membership?: Membership,
): Promise<{ id: ContainerId; warnings: string[] }> =>
  world.admission.run(async () => {
    const draft = drawUp(world, request, membership);
    // Most are started at once.
    world.runtime.expect();
    await verifyMounts(world, draft.mounts);
    // Flushed with `created`: what a power cut leaves without a record is removed by recovery.
    const intent = world.records.put(draft.record(chooseName(world, request.name, draft.id)), 'soon');
    try {
      await world.snapshotter.createRoot(draft.id, draft.layers, ROOT_GROUND);
      const mounts = draft.mounts.length === 0 ? [] : await realizeMounts(world, draft.id, draft.mounts);
      await membership?.prepare(draft.id);
      // The last record of a pod's create is flushed for all of its containers.
      const created = world.records.put(
        { ...intent, mounts, state: { ...intent.state, status: 'created' } },
        membership === undefined ? 'now' : 'soon',
      );
      announce(world, 'create', created);
    } catch (error) {
      await discard(world, intent);
      throw error;
    }
    return { id: draft.id, warnings: draft.warnings };
  });

type Draft = {
  readonly id: ContainerId;
  readonly layers: readonly ChainId[];
  readonly mounts: readonly PlannedMount[];
  readonly warnings: string[];
  /** The record of the intent, once the name is known. */
  readonly record: (name: string) => Container;
};

/** Everything that can be refused without touching the machine, in the order of docker-semantics.md 2. */
const drawUp = (world: ContainerContext, request: CreateContainer, membership?: Membership): Draft => {
  const id = membership?.id ?? randomId();
  const settled = settleHost(world, request.config, request.host, {
    ...request,
    self: { id, name: request.name },
  });
  const { warnings } = settled;
  const { image, warnings: imageWarnings } = chooseImage(world, request.config.image, request.platform);
  const merged = image === undefined ? request.config : mergeImageConfig(request.config, image.config);
  const command = commandOf(merged);
  if (command === undefined) throw engineError('config.no-command');
  if (request.name !== '') parseName(request.name);
  const { host, links } = planLinks(world, settled.host);
  const config: ContainerConfig = {
    ...merged,
    hostname: merged.hostname === '' ? defaultHostname(world, host.networkMode, id) : merged.hostname,
    exposedPorts: exposedWithBindings(merged.exposedPorts, host),
  };
  const planned = planMounts(host, config, [], (ref) => mountsOf(world, ref, request.habits));
  const mounts = nameVolumes(withDataRootAsSlave(planned, world.settings.dataRoot));
  const endpoints = planEndpoints(world.networks, { host, config, endpoints: request.endpoints });
  const record = (name: string): Container => ({
    id,
    name,
    createdAt: world.clock.now(),
    imageId: image?.id ?? '',
    platform: image?.os ?? 'linux',
    config,
    host,
    ...command,
    state: CREATING,
    sandboxId: ownSandboxId(id),
    endpoints,
    published: [],
    mounts: mounts.map(({ point }) => point),
    ...(links.length === 0 ? {} : { links }),
    ...(request.habits === undefined ? {} : { habits: request.habits }),
    restartCount: 0,
    files: NO_FILES,
    ...(membership === undefined ? {} : inPod(host, membership)),
  });
  const layers = image?.layers.map(({ chainId }) => chainId) ?? [];
  return { id, layers, mounts, warnings: [...warnings, ...imageWarnings], record };
};

/** Its network, IPC and host name are the pod's. */
const inPod = (host: Container['host'], { podId }: Membership): Partial<Container> => ({
  podId,
  endpoints: {},
  host: { ...host, networkMode: `container:${podId}`, ipcMode: `container:${podId}` },
});

const NO_FILES: Container['files'] = { resolvConf: '', hosts: '', hostname: '', log: '' };

const CREATING: ContainerState = {
  status: 'creating',
  pid: 0,
  processStartTime: '',
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: NEVER,
  finishedAt: NEVER,
  stopRequested: false,
};

const defaultHostname = (
  world: Pick<ContainerContext, 'machine'>,
  networkMode: string,
  id: ContainerId,
): string => (networkMode === 'host' ? world.machine.facts.hostname : shortId(id));

const chooseName = (
  { records }: Pick<ContainerContext, 'records'>,
  wanted: string,
  id: ContainerId,
): string =>
  wanted === ''
    ? generateName(
        id,
        (name) => records.idOfName(name) !== undefined,
        (bound) => randomInt(bound),
      )
    : parseName(wanted);
