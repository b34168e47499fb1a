import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IoEntry } from '#engine/ports/resource-meter.ts';

/** Files of control groups. What is not there (a controller that is off, a group that went) counts nothing. */

export const readText = async (folder: string | undefined, name: string): Promise<string> => {
  if (folder === undefined) return '';
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch {
    return '';
  }
};

/** One number; undefined for `max` and for nothing. */
export const parseNumber = (text: string): number | undefined => {
  const trimmed = text.trim();
  return /^-?\d+$/.test(trimmed) ? Number(trimmed) : undefined;
};

/** Lines of a name and a number. */
export const parseTable = (text: string): Record<string, number> => {
  const table: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ');
    if (name !== undefined && value !== undefined && name !== '') table[name] = Number(value);
  }
  return table;
};

/** `8:0 Read 4096`, or `8:0 17`; the last line, a sum over all, is left out. */
export const parseBlockEntries = (text: string): IoEntry[] =>
  text.split('\n').flatMap((line) => {
    const match = /^(\d+):(\d+) (?:(\S+) )?(\d+)$/.exec(line);
    if (match === null) return [];
    const [, major, minor, operation = '', value] = match;
    return [{ major: Number(major), minor: Number(minor), operation, value: Number(value) }];
  });
