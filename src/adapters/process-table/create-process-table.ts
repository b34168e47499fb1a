import type { ProcessTable } from '#engine/ports/process-table.ts';
import { listProcesses } from './list-processes.ts';
import { runPs } from './run-ps.ts';

export const createProcessTable = (): ProcessTable => ({ list: listProcesses, select: runPs });
