import { readFileSync } from 'node:fs';
import { libc } from './library.ts';

const madvise = libc.func('int madvise(uint64_t address, size_t length, int advice)');

/** MADV_DONTNEED of mman.h: pages of an unchanged file come back from the page cache when they are touched. */
const dontNeed = 4;
/** Smaller mappings are not worth a call. */
const worthBytes = 512 * 1024;

/**
 * Gives back what the start of the process needed and its work does not: free memory of the allocator, and
 * pages of programs and libraries (Node's own are 45 MB, nearly all of them for starting).
 */
export const releaseUnusedMemory = (): void => {
  trimAllocator();
  for (const { start, end } of unchangedFiles(readFileSync('/proc/self/smaps', 'utf8')))
    madvise(start, Number(end - start), dontNeed);
};

const trimAllocator = (): void => {
  try {
    libc.func('int malloc_trim(size_t keep)')(0);
  } catch {
    // Only glibc has it.
  }
};

type Area = { readonly start: bigint; readonly end: bigint };

/**
 * Read-only mappings of files of which no page was ever written (smaps in proc_pid_smaps(5)): relocated
 * ones would lose their changes.
 */
export const unchangedFiles = (smaps: string): Area[] =>
  smaps.split(/^(?=[\da-f]+-[\da-f]+ )/m).flatMap((text) => {
    const [, start, end] = /^([\da-f]+)-([\da-f]+) r-[x-]p \S+ \S+ \d+ +\//.exec(text) ?? [];
    const residentBytes = Number(/^Rss: +(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
    const isUnchanged = /^Anonymous: +0 kB/m.test(text);
    if (start === undefined || end === undefined || !isUnchanged || residentBytes < worthBytes) return [];
    return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }];
  });
