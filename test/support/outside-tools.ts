import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Programs of others that set-up took out of their Debian packages (tools/setup/outside-tools.mjs):
 * Docker's command line at two ages (20.10 and 28), and its registry.
 */
export type OutsideTool = 'docker-20' | 'docker-28' | 'docker-registry';

/** Absolute path; undefined where set-up could not get it, which a test turns into a skip with that reason. */
export const findOutsideTool = (name: OutsideTool): string | undefined => {
  const path = fileURLToPath(new URL(`../../.cache/tools/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
};
