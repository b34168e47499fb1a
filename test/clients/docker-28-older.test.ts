import { runTable } from './docker-cli/scenario.ts';
import { SCENARIOS } from './docker-cli/scenarios.ts';

runTable(
  ['1.24', '1.30', '1.41'].map((version) => ({ tool: 'docker-28', version })),
  SCENARIOS,
);
