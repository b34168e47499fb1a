import type { MountPoint } from '#domain/container/config.ts';
import type { VolumeSource } from '#domain/volume/local-options.ts';
import { sourceOfOptions } from '#domain/volume/local-options.ts';
import type { EngineWorld } from '#engine/world.ts';
import type { KeyedLock } from '#lib/keyed-lock.ts';
import { randomId } from '#lib/random-id.ts';

type Needs = Pick<EngineWorld, 'state' | 'volumes'> & { readonly locks: KeyedLock };

/**
 * Who needs volumes mounted whose options name something to mount: a container for as long as it runs, an archive or a
 * copy for as long as it takes. The first one mounts, the last one unmounts. Kept in memory: after a death of the
 * daemon the containers that run say it again.
 */
export class VolumeMounts {
  readonly #world: Needs;
  readonly #holders = new Map<string, Set<string>>();

  constructor(world: Needs) {
    this.#world = world;
  }

  /** Throws `volume.mount-failed`: then the holder has none of them. */
  async hold(holder: string, points: readonly MountPoint[]): Promise<void> {
    try {
      for (const [name, source] of this.#mountable(points))
        await this.#world.locks.run(lockOf(name), async () => {
          await this.#world.volumes.mount(name, source);
          this.#note(holder, name);
        });
    } catch (error) {
      await this.release(holder);
      throw error;
    }
  }

  /** Of a container that was found running: what it holds is mounted, or lost to others. */
  adopt(holder: string, points: readonly MountPoint[]): void {
    for (const [name] of this.#mountable(points)) this.#note(holder, name);
  }

  /** Fine when it holds nothing. */
  async release(holder: string): Promise<void> {
    const names = [...this.#holders].flatMap(([name, holders]) => (holders.has(holder) ? [name] : []));
    for (const name of names)
      await this.#world.locks.run(lockOf(name), async () => {
        this.#holders.get(name)?.delete(holder);
        await this.#unmountUnheld(name);
      });
  }

  /** Does the work with the volumes of these mount points mounted. Throws `volume.mount-failed`. */
  async during<T>(points: readonly MountPoint[], work: () => Promise<T>): Promise<T> {
    if (this.#mountable(points).length === 0) return work();
    const holder = randomId();
    await this.hold(holder, points);
    try {
      return await work();
    } finally {
      await this.release(holder);
    }
  }

  /** Unmounts what nobody holds, after those who run were adopted. Says what it did. */
  async reconcile(): Promise<string[]> {
    const said: string[] = [];
    for (const name of await this.#world.volumes.listMounted()) {
      const options = this.#world.state.volumes.get(name)?.options ?? {};
      // Somebody may have mounted something at a plain directory by hand.
      if (sourceOfOptions(options) === undefined) continue;
      await this.#world.locks.run(lockOf(name), async () => {
        if (await this.#unmountUnheld(name)) said.push(`unmounted volume ${name}, which nothing uses`);
      });
    }
    return said;
  }

  #note(holder: string, name: string): void {
    const holders = this.#holders.get(name);
    if (holders === undefined) this.#holders.set(name, new Set([holder]));
    else holders.add(holder);
  }

  async #unmountUnheld(name: string): Promise<boolean> {
    if ((this.#holders.get(name)?.size ?? 0) > 0) return false;
    this.#holders.delete(name);
    await this.#world.volumes.unmount(name);
    return true;
  }

  #mountable(points: readonly MountPoint[]): readonly (readonly [name: string, source: VolumeSource])[] {
    const names = new Set(points.flatMap(({ type, name }) => (type === 'volume' ? [name] : [])));
    return [...names].flatMap((name) => {
      const source = sourceOfOptions(this.#world.state.volumes.get(name)?.options ?? {});
      return source === undefined ? [] : [[name, source] as const];
    });
  }
}

const lockOf = (name: string): string => `volume:${name}`;
