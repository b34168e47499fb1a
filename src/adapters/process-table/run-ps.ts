import { execFile } from 'node:child_process';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ProcessListing } from '#engine/ports/process-table.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;
const LIMIT_MS = 30_000;

/** The host's `ps`, told our pids; some arguments forbid that (`ps` fails): then over all processes. */
export const runPs = async (pids: readonly number[], args: readonly string[]): Promise<ProcessListing> => {
  const own = new Set(pids);
  const narrow = await run([...args, `-q${pids.join(',')}`]);
  return parsePs(textOf('text' in narrow ? narrow : await run(args)), own);
};

type Outcome = { readonly text: string } | { readonly detail: string };

const textOf = (outcome: Outcome): string => {
  if ('text' in outcome) return outcome.text;
  const { detail } = outcome;
  throw new EngineError('internal', 'ps.failed', `error running ps: ${detail}`, { params: { detail } });
};

const run = async (args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { maxBuffer: LIMIT_BYTES, timeout: LIMIT_MS, env: { ...process.env, LC_ALL: 'C' } };
    execFile('ps', [...args], options, (error, stdout, stderr) => {
      const [said = ''] = stderr.trim().split('\n');
      resolve(error === null ? { text: stdout } : { detail: said === '' ? error.message : said });
    });
  });

/** Columns by the words of the first line. */
export const parsePs = (text: string, pids: ReadonlySet<number>): ProcessListing => {
  const [header = '', ...lines] = text.split('\n');
  const titles = words(header);
  const place = titles.indexOf('PID');
  if (place < 0) throw new EngineError('internal', 'ps.no-pid', "Couldn't find PID field in ps output");
  let isOwn = false;
  const rows = lines.flatMap((line) => {
    const fields = words(line);
    // A thread has `-`: it goes with the process above it.
    if (fields[place] !== '-') isOwn = pids.has(Number(fields[place]));
    if (fields.length === 0 || !isOwn) return [];
    const last = titles.length - 1;
    return [[...fields.slice(0, last), fields.slice(last).join(' ')]];
  });
  return { titles, rows };
};

const words = (line: string): string[] => line.trim().split(/\s+/).filter(Boolean);
