import type { Container } from '#domain/container/container.ts';
import { hasProcess } from '#domain/container/lifecycle.ts';
import { isPodLive, POD_LIFECYCLE } from '#domain/pod/lifecycle.ts';
import type { PodCommand } from '#domain/pod/lifecycle.ts';
import type { Pod, PodSandbox } from '#domain/pod/pod.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { PodId, SandboxId } from '#domain/value/flavor.ts';
import type { PodHooks } from '#engine/containers/hooks.ts';
import type { PodGround } from '#engine/containers/launch/joined.ts';
import type { Durability } from '#engine/ports/state-store.ts';
import type { EngineWorld } from '#engine/world.ts';

type Needs = Pick<EngineWorld, 'state' | 'files' | 'settings'>;

/** The pods and sandboxes there are, and what containers need to know of them. */
export class PodRecords implements PodHooks {
  readonly #world: Needs;
  #onEnded: (pod: Pod) => void = () => {};

  constructor(world: Needs) {
    this.#world = world;
  }

  /** By id or name, the oldest of those that share one; throws `pod.not-found`. */
  get(ref: string): Pod {
    const pod = this.find(ref) ?? this.#world.state.pods.list().find(({ name }) => name === ref);
    if (pod === undefined || pod.status === 'creating') throw engineError('pod.not-found', { ref });
    return pod;
  }

  /** By full id, also while it is being created. */
  find(id: PodId): Pod | undefined {
    return this.#world.state.pods.get(id);
  }

  known(id: PodId): Pod {
    const pod = this.find(id);
    if (pod === undefined) throw engineError('pod.not-found', { ref: id });
    return pod;
  }

  /** Oldest first, without those still being created. */
  list(): Pod[] {
    return this.listAll().filter(({ status }) => status !== 'creating');
  }

  listAll(): Pod[] {
    return this.#world.state.pods.list();
  }

  put(pod: Pod, durability?: Durability): Pod {
    this.#world.state.pods.put(pod, durability);
    return pod;
  }

  change(id: PodId, change: Partial<Pod>, durability: Durability = 'soon'): Pod {
    return this.put({ ...this.known(id), ...change }, durability);
  }

  remove(id: PodId): void {
    this.#world.state.pods.remove(id, 'anyhow');
  }

  /** Throws `sandbox.not-found`. */
  sandbox(id: SandboxId): PodSandbox {
    const sandbox = this.#world.state.sandboxes.get(id);
    if (sandbox === undefined) throw engineError('sandbox.not-found', { ref: id });
    return sandbox;
  }

  /** Name of the pod's three files among those of containers. */
  filesKey(id: PodId): string {
    return `pod.${id}`;
  }

  groupOf(sandboxId: SandboxId): string {
    return `${this.#world.settings.cgroupParent}/pod.${sandboxId}`;
  }

  /** Who is told when a container of a pod has ended. */
  onEnded(listener: (pod: Pod) => void): void {
    this.#onEnded = listener;
  }

  groundOf(container: Container): PodGround | undefined {
    if (container.podId === undefined) return undefined;
    const pod = this.find(container.podId);
    if (pod === undefined || !isGround(pod)) {
      throw engineError('pod.not-running', { id: container.podId, status: pod?.status ?? 'removing' });
    }
    return {
      sandbox: {
        id: String(pod.sandboxId),
        sandboxId: pod.sandboxId,
        config: { hostname: pod.spec.hostname, domainname: '' },
        host: { ipcMode: 'shareable' },
        files: { ...this.#world.files.paths(this.filesKey(pod.id)), log: '' },
        state: { pid: 0 },
      },
      group: this.groupOf(pod.sandboxId),
      pid: pod.spec.sharesProcesses ? this.#firstProcess(pod, container) : undefined,
    };
  }

  containerEnded(container: Container): void {
    const pod = container.podId === undefined ? undefined : this.find(container.podId);
    if (pod !== undefined) this.#onEnded(pod);
  }

  containerRemoved(container: Container): void {
    const pod = container.podId === undefined ? undefined : this.find(container.podId);
    if (pod === undefined || pod.status === 'removing' || pod.status === 'creating') return;
    this.put({ ...pod, containers: pod.containers.filter(({ id }) => id !== container.id) }, 'soon');
  }

  isAtRest(container: Container): boolean {
    if (container.podId === undefined) return false;
    const pod = this.find(container.podId);
    return pod === undefined || !isGround(pod);
  }

  network(): { endpoints: string[]; owners: string[] } {
    const live = this.listAll().filter(({ status }) => isPodLive(status));
    return {
      endpoints: live.flatMap(({ endpoints }) => endpoints.map(({ endpointId }) => endpointId)),
      owners: live.flatMap(({ published }) => published.map(({ owner }) => owner)),
    };
  }

  #firstProcess(pod: Pod, container: Container): Container | undefined {
    for (const { id } of pod.containers) {
      const other = this.#world.state.containers.get(id);
      if (other !== undefined && id !== container.id && hasProcess(other.state.status)) return other;
    }
    return undefined;
  }
}

const isGround = ({ status, isBooted }: Pod): boolean =>
  isBooted && (status === 'starting' || status === 'running');

/** Throws what the life table says against the command. */
export const permitPod = ({ id, name, status }: Pod, command: PodCommand): void => {
  const verdict = POD_LIFECYCLE[status][command];
  if ('refuse' in verdict) throw engineError(verdict.refuse, { id, ref: id, name, status });
};
