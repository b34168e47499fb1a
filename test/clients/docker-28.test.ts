import { runTable } from './docker-cli/scenario.ts';
import { SCENARIOS } from './docker-cli/scenarios.ts';

runTable(
  [{ tool: 'docker-28' }, { tool: 'docker-28', version: '1.51' }, { tool: 'docker-28', version: '1.44' }],
  SCENARIOS,
);
