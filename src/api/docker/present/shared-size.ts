import type { ImageView } from '#engine/engine.ts';

/** What is said when nobody asked for shared sizes. */
export const NOT_COMPUTED = -1;

/** Bytes of each image's layers that another image of the store has too. */
export const sharedSizes = (views: readonly ImageView[]): ((view: ImageView) => number) => {
  const owners = new Map<string, number>();
  for (const { image } of views) {
    for (const chainId of new Set(image.layers.map((layer) => layer.chainId))) {
      owners.set(chainId, (owners.get(chainId) ?? 0) + 1);
    }
  }
  return ({ image }) =>
    image.layers
      .filter(({ chainId }) => (owners.get(chainId) ?? 0) > 1)
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
};
