import { readText } from './files.ts';
import type { InterfaceCounters } from '#engine/ports/resource-meter.ts';

/** The counters of `/proc/PID/net/dev`, that is of the network namespace of the process. */
export const readInterfaces = async (pid: number): Promise<Record<string, InterfaceCounters>> =>
  parseInterfaces(await readText(`/proc/${pid}/net`, 'dev'));

export const parseInterfaces = (text: string): Record<string, InterfaceCounters> => {
  const found: Record<string, InterfaceCounters> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line);
    if (match?.[1] === undefined || match[1] === 'lo') continue;
    const counts = (match[2] ?? '').trim().split(/\s+/).map(Number);
    const at = (place: number): number => counts[place] ?? 0;
    found[match[1]] = {
      receivedBytes: at(0),
      receivedPackets: at(1),
      receiveErrors: at(2),
      receiveDropped: at(3),
      sentBytes: at(8),
      sentPackets: at(9),
      sendErrors: at(10),
      sendDropped: at(11),
    };
  }
  return found;
};
