import { CORE } from './docker-cli/core.ts';
import { runTable } from './docker-cli/scenario.ts';
import type { Column } from './docker-cli/scenario.ts';

/** From the first to the last minor number, both included. */
const versions = (tool: Column['tool'], first: number, last: number): Column[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({ tool, version: `1.${first + index}` }));

// Every version that each client agrees to speak.
runTable([...versions('docker-20', 12, 41), ...versions('docker-28', 24, 51)], CORE);
