import { open } from 'node:fs/promises';
import type { ConnectionCounts } from '#engine/ports/resource-meter.ts';
import { TCP_STATES } from '#engine/ports/resource-meter.ts';

/** Connections in the network namespace of the process. There may be very many: the files are read line by line. */
export const readConnections = async (
  pid: number,
): Promise<{ ipv4: ConnectionCounts; ipv6: ConnectionCounts }> => {
  const [ipv4, ipv6] = await Promise.all([count(`/proc/${pid}/net/tcp`), count(`/proc/${pid}/net/tcp6`)]);
  return { ipv4, ipv6 };
};

/** A kernel without IPv6, or a process that is gone, has none. */
const count = async (path: string): Promise<ConnectionCounts> => {
  const counts = { ...NONE };
  try {
    await using file = await open(path);
    for await (const line of file.readLines()) {
      const state = stateOf(line);
      if (state !== undefined) counts[state] += 1;
    }
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EINVAL'].includes(String(error.code));
    if (!isMissing) throw error;
  }
  return counts;
};

// One for each state.
const NONE = Object.fromEntries(TCP_STATES.map((state) => [state, 0])) as ConnectionCounts;

/** The fourth field of a line of `/proc/net/tcp` (proc(5)): a number in hex, from 1. */
export const stateOf = (line: string): keyof ConnectionCounts | undefined => {
  const [, code] = /^\s*\d+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line) ?? [];
  return code === undefined ? undefined : TCP_STATES[Number.parseInt(code, 16) - 1];
};
