import { engineError } from '#domain/error/catalogue.ts';
import type { Resources } from './config.ts';

/** More than any machine has; keeps `0-4000000000` from filling the memory. */
const LARGEST_INDEX = 8191;

/** `0-2,7` as numbers; undefined when it is not such a list. '' is the empty list. */
export const parseCpuset = (text: string): number[] | undefined => {
  if (text === '') return [];
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [, low = '', high = low] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    if (low === '' || Number(low) > Number(high) || Number(high) > LARGEST_INDEX) return undefined;
    for (let number = Number(low); number <= Number(high); number += 1) numbers.push(number);
  }
  return numbers;
};

/** Throws `cpuset.invalid` or `cpuset.unavailable` (docker-routes.md 3.6). */
export const verifyCpuset = (
  { cpusetCpus, cpusetMems }: Resources,
  { cpus, memoryNodes }: { readonly cpus: number; readonly memoryNodes?: number },
): void => {
  verifyList(cpusetCpus, 'cpus', cpus);
  verifyList(cpusetMems, 'mems', memoryNodes);
};

const verifyList = (value: string, which: 'cpus' | 'mems', count: number | undefined): void => {
  const list = parseCpuset(value);
  if (list === undefined) throw engineError('cpuset.invalid', { value, which });
  if (count !== undefined && list.some((index) => index >= count)) {
    throw engineError('cpuset.unavailable', {
      value,
      which,
      available: count === 1 ? '0' : `0-${count - 1}`,
    });
  }
};
