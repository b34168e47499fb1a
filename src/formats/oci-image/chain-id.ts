import { digestOf } from './digest.ts';

/**
 * Names of the stacks of layers up to each one (OCI image spec, "Layer ChainID"): the first is the
 * diff id itself, the next the digest of `parent diffId`.
 */
export const chainIds = (diffIds: readonly string[]): string[] => {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const parent = chain.at(-1);
    chain.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`));
  }
  return chain;
};
