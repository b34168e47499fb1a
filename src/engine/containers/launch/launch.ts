import type { Container } from '#domain/container/container.ts';
import { ownSandboxId } from '#domain/container/names.ts';
import { withoutWish } from '#domain/container/life/wish.ts';
import { linkEnvironment } from '#domain/container/links.ts';
import type { LinkedChild } from '#domain/container/links.ts';
import type { PublishedPort } from '#domain/container/config.ts';
import type { RuntimeCreate, RuntimeProcess } from '#engine/ports/container-runtime.ts';
import { announce, announceNetworks, announceVolumes } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { watchHealth, withHealth } from '#engine/containers/health/watch-health.ts';
import { findLinked, tellParents } from '#engine/containers/links/linked-children.ts';
import { buildRuntimeSpec } from '#engine/containers/spec/build-spec.ts';
import { findBlockNodes, findDevices } from './devices.ts';
import { writeEtcFiles } from './etc-files.ts';
import type { EtcFiles } from './etc-files.ts';
import { failStart } from './fail-start.ts';
import { findJoined } from './joined.ts';
import type { Joined } from './joined.ts';
import { chooseNamespaces, findSharedMemory, makeSandbox } from './namespaces.ts';
import { prepareBindSources, prepareRoot } from './root.ts';
import { settleAll } from './settle-all.ts';
import { connect, planWiring, publish } from './wiring.ts';
import type { Wiring } from './wiring.ts';

export type LaunchCause = 'hand' | 'policy';

/**
 * Starts a container that does not run; its lock is held. Order that survives a kill at any point:
 * everything the run needs is named after the container or stands in the record, the record says
 * `running` with the pid before the process begins, and recovery takes back or finishes the rest.
 * Throws `container.start-failed`; then nothing of the run is left.
 */
export const launch = (
  world: ContainerContext,
  container: Container,
  cause: LaunchCause,
): Promise<Container> =>
  world.admission.run(async () => {
    world.runtime.expect();
    const attempt: Attempt = { world, cause, container };
    try {
      await bringUp(attempt);
      return attempt.container;
    } catch (error) {
      throw await failStart(world, { before: container, tried: attempt.container, error });
    }
  });

/** `container` grows as the start goes on, so that a failure knows what to take back. */
type Attempt = { readonly world: ContainerContext; readonly cause: LaunchCause; container: Container };

const bringUp = async (attempt: Attempt): Promise<void> => {
  const { world } = attempt;
  const joined = findJoined(world, attempt.container);
  attempt.container = asJoined(attempt.container, joined);
  const linked = findLinked(world, attempt.container);
  const wiring = planWiring(world, attempt.container);
  attempt.container = { ...attempt.container, endpoints: wiring.endpoints };
  const made = await makeProcess(world, attempt.container, { wiring, joined, linked });
  attempt.container = withHealth(startedRecord(attempt, made, world.clock.now()));
  await world.streams.beforeStart(attempt.container);
  // A power cut ends the process too: there is nothing to find that the record would have to explain.
  world.records.put(attempt.container, 'soon');
  await tellParents(world, attempt.container);
  world.runs.of(attempt.container.id).begunAt = world.clock.elapsed();
  await world.runtime.start(attempt.container.id);
  announceNetworks(world, 'connect', attempt.container);
  announceVolumes(world, 'mount', attempt.container);
  announce(world, 'start', attempt.container);
  watchHealth(world, attempt.container);
};

/** A container in another's network also has its sandbox and host name. */
const asJoined = (container: Container, { network }: Joined): Container =>
  network === undefined
    ? { ...container, sandboxId: ownSandboxId(container.id) }
    : {
        ...container,
        sandboxId: network.sandboxId,
        config: {
          ...container.config,
          hostname: network.config.hostname,
          domainname: network.config.domainname,
        },
      };

type Made = {
  readonly process: RuntimeProcess;
  readonly published: readonly PublishedPort[];
  readonly files: EtcFiles;
  readonly log: string;
};

/** Everything up to the waiting process; independent steps run side by side, slow ones behind the runtime's create. */
const makeProcess = async (
  world: ContainerContext,
  container: Container,
  {
    wiring,
    joined,
    linked,
  }: { readonly wiring: Wiring; readonly joined: Joined; readonly linked: readonly LinkedChild[] },
): Promise<Made> => {
  const publishing = publish(world, container, wiring);
  const sandboxing = makeSandbox(world, container, wiring);
  const connecting = sandboxing.then((sandbox) => connect(world, wiring, sandbox?.networkPath));
  const creating = (async () => {
    const [root, namespaces, sharedShmPath, files, devices, log, blockNodes, mounts] = await settleAll([
      prepareRoot(world, container),
      sandboxing.then((sandbox) => chooseNamespaces(world, container, wiring, { sandbox, joined })),
      sandboxing.then((sandbox) => findSharedMemory(world, { sandbox, joined })),
      writeEtcFiles(world, container, wiring, { joined: joined.network, linked }),
      findDevices(world, container),
      container.host.logConfig.type === 'none' ? '' : world.logs.prepare(container.id),
      findBlockNodes(world, container.host.resources),
      prepareBindSources(world, container),
      world.volumeMounts.hold(container.id, container.mounts),
    ]);
    const { spec } = buildRuntimeSpec({
      container: { ...container, mounts },
      rootPath: root.path,
      namespaces,
      files,
      user: root.user,
      facts: world.machine.facts,
      cgroupsPath: cgroupsPathOf(world, container),
      hostDevices: devices.host,
      mappedDevices: devices.mapped,
      blockNodes,
      ...(sharedShmPath === undefined ? {} : { sharedShmPath }),
      linkEnvironment: linked.flatMap(linkEnvironment),
      defaultInit: world.settings.initByDefault,
    });
    return { process: await world.runtime.create(createRequest(container, spec, log)), files, log };
  })();
  const [published, , { process, files, log }] = await settleAll([publishing, connecting, creating]);
  return { process, published, files, log };
};

const cgroupsPathOf = (
  { settings, pods }: Pick<ContainerContext, 'settings' | 'pods'>,
  container: Container,
): string => {
  const { id, host } = container;
  const own = host.cgroupParent === '' ? settings.cgroupParent : host.cgroupParent;
  const parent = pods.groundOf(container)?.group ?? own;
  return `/${parent.replaceAll(/^\/+|\/+$/g, '')}/${id}`;
};

const createRequest = (container: Container, spec: RuntimeCreate['spec'], log: string): RuntimeCreate => {
  const { config, host, id } = container;
  const [rows, columns] = host.consoleSize;
  return {
    id,
    spec,
    openStdin: config.openStdin,
    stdinOnce: config.stdinOnce,
    ...(log === '' ? {} : { logPath: log }),
    ...(config.tty && rows > 0 && columns > 0 ? { consoleSize: { rows, columns } } : {}),
  };
};

const startedRecord = ({ container, cause }: Attempt, made: Made, startedAt: number): Container => ({
  ...withoutWish(container),
  published: made.published,
  files: { ...made.files, log: made.log },
  restartCount: cause === 'hand' ? 0 : container.restartCount + 1,
  state: {
    ...container.state,
    status: 'running',
    pid: made.process.pid,
    processStartTime: made.process.startTime,
    exitCode: 0,
    error: '',
    failure: undefined,
    oomKilled: false,
    startedAt,
    stopRequested: false,
  },
});
