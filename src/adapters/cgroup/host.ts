import { readText } from './files.ts';

const TICK_NS = 10_000_000;
/** user, nice, system, idle, iowait, irq, softirq: what clients of other engines are used to. */
const COUNTED = 7;

/** Time of all processors, idle or not, and how many there are (proc(5), /proc/stat). */
export const readHostCpu = async (): Promise<{ system: number; online: number }> =>
  parseHostCpu(await readText('/proc', 'stat'));

export const parseHostCpu = (text: string): { system: number; online: number } => {
  const lines = text.split('\n');
  const [, ...ticks] = (lines.find((line) => line.startsWith('cpu ')) ?? '').trim().split(/\s+/);
  return {
    system: ticks.slice(0, COUNTED).reduce((sum, each) => sum + Number(each), 0) * TICK_NS,
    online: lines.filter((line) => /^cpu\d/.test(line)).length,
  };
};
