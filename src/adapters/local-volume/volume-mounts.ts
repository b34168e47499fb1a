import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { leaveSharedMount, parseMountInfo } from '#adapters/libc/mounts.ts';
import { startThread } from '#adapters/libc/thread-calls.ts';
import type { Thread } from '#adapters/libc/thread-calls.ts';
import type { VolumeSource } from '#domain/volume/local-options.ts';
import type { MountCalls } from './mount-thread.ts';

/** What is mounted in the folder of the volumes. Its thread is started by the first volume that needs it. */
export class VolumeMounts {
  readonly #root: string;
  #thread: Thread<MountCalls> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  async mount(target: string, source: VolumeSource): Promise<void> {
    await this.#started().call('mount', { root: this.#root, target, source });
  }

  async unmount(target: string): Promise<void> {
    if ((await this.below(target)).length > 0) await this.#started().call('unmount', target);
  }

  /** Mount points at and below a folder, as they are called from `folder` on. */
  async below(folder: string): Promise<string[]> {
    const text = await readFile('/proc/self/mountinfo', 'utf8');
    const name = folder.slice(this.#root.length);
    // Most volumes have none, and a machine full of containers has a long list.
    if (!text.includes(name)) return [];
    const root = await realpath(this.#root).catch(() => undefined);
    // There has never been a volume.
    if (root === undefined) return [];
    const place = join(root, name);
    return parseMountInfo(text)
      .map(({ mountPoint }) => mountPoint)
      .filter((point) => point === place || point.startsWith(`${place}/`))
      .map((point) => folder + point.slice(place.length));
  }

  /** Ends the thread; without containers the folder need not be a mount either. */
  async close({ isIdle }: { readonly isIdle: boolean }): Promise<void> {
    await this.#thread?.close();
    this.#thread = undefined;
    if (isIdle) leaveSharedMount(this.#root);
  }

  #started(): Thread<MountCalls> {
    this.#thread ??= startThread<MountCalls>(new URL('mount-thread.ts', import.meta.url));
    return this.#thread;
  }
}
