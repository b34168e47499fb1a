import { runTable } from './docker-cli/scenario.ts';
import { SCENARIOS } from './docker-cli/scenarios.ts';

runTable(
  ['1.12', '1.18', '1.21'].map((version) => ({ tool: 'docker-20', version })),
  SCENARIOS,
);
