import type { Container } from '#domain/container/container.ts';

/**
 * What was asked of a container and is not done yet, with all that was said of how: a daemon that finds it finishes it.
 * It stands in the record from the first effect to the last.
 */
export type Wish =
  | { readonly kind: 'end'; readonly signal: number; readonly waitMs: number }
  | { readonly kind: 'restart'; readonly timeoutSeconds?: number; readonly signal?: string }
  | { readonly kind: 'remove'; readonly volumes: boolean }
  /** The record has the new limits, the kernel may not. */
  | { readonly kind: 'limit' };

export const withWish = (container: Container, wish: Wish): Container => ({ ...container, wish });

/** Nothing is left to do; with kinds, only if it is one of them. */
export const withoutWish = (container: Container, ...kinds: readonly Wish['kind'][]): Container => {
  const { wish, ...rest } = container;
  return wish !== undefined && (kinds.length === 0 || kinds.includes(wish.kind)) ? rest : container;
};
