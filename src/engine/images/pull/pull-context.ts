import type { Platform } from '#domain/image/platform.ts';
import type { RegistryAccess, RepositoryAddress } from '#engine/ports/registry.ts';
import type { Semaphore } from '#lib/semaphore.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import type { ProgressFeed } from '#engine/images/progress-feed.ts';

/** One pull: where from, for which platform, and who listens. */
export type PullContext = {
  readonly world: ImagesContext;
  readonly address: RepositoryAddress;
  readonly access: RegistryAccess & { readonly signal: AbortSignal };
  readonly signal: AbortSignal;
  readonly wanted: Platform;
  /** The client named the platform: another one will not do. */
  readonly isPlatformAsked: boolean;
  readonly feed: ProgressFeed;
  /** Downloads of this pull at once. */
  readonly slots: Semaphore;
};
