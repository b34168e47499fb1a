import { readFile, readlink, stat } from 'node:fs/promises';
import type { ProcessListing } from '#engine/ports/process-table.ts';

/** Columns and forms of `ps -ef` (ps(1), procps). */

const TITLES = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];
/** `USER_HZ`: a constant of the kernel's interface. */
const HZ = 100;
const DAY_MS = 86_400_000;

export const listProcesses = async (pids: readonly number[]): Promise<ProcessListing> => {
  const [clocks, passwd] = await Promise.all([readClocks(), read('/etc/passwd')]);
  const host = { ...clocks, users: usersOf(passwd) };
  const rows = await Promise.all(pids.map((pid) => describe(pid, host)));
  return { titles: TITLES, rows: rows.filter((row) => row !== undefined) };
};

type Host = {
  /** Seconds. */
  readonly uptime: number;
  readonly users: ReadonlyMap<number, string>;
  readonly now: number;
};

const describe = async (pid: number, host: Host): Promise<string[] | undefined> => {
  try {
    const [line, command, { uid }] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      stat(`/proc/${pid}`),
    ]);
    const name = line.slice(line.indexOf('(') + 1, line.lastIndexOf(')'));
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const field = (place: number): number => Number(fields[place] ?? 0);
    const used = (field(11) + field(12)) / HZ;
    const age = Math.max(0, host.uptime - field(19) / HZ);
    return [
      host.users.get(uid) ?? String(uid),
      String(pid),
      String(field(1)),
      String(age < 1 ? 0 : Math.min(99, Math.trunc((100 * used) / age))),
      startText(host.now - age * 1000, host.now),
      await terminalName(pid, field(4)),
      timeText(used),
      commandText(command, name, fields[0]),
    ];
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
};

const readClocks = async (): Promise<Pick<Host, 'uptime' | 'now'>> => {
  const uptime = Number.parseFloat(await read('/proc/uptime'));
  return { uptime, now: Date.now() };
};

/** A kernel thread and a process that has ended have a name only. */
const commandText = (command: string, name: string, state: string | undefined): string => {
  if (command === '') return `[${name}]${state === 'Z' ? ' <defunct>' : ''}`;
  return command.replace(/\0+$/, '').replaceAll('\0', ' ').replaceAll('\n', ' ');
};

/** Today the time of day, this year the day, else the year. */
export const startText = (startedAt: number, now: number): string => {
  const start = new Date(startedAt);
  if (now - startedAt < DAY_MS && start.getDate() === new Date(now).getDate())
    return `${two(start.getHours())}:${two(start.getMinutes())}`;
  if (start.getFullYear() !== new Date(now).getFullYear()) return String(start.getFullYear());
  return `${start.toLocaleString('en', { month: 'short' })}${two(start.getDate())}`;
};

/** `[days-]hh:mm:ss`. */
export const timeText = (seconds: number): string => {
  const whole = Math.trunc(seconds);
  const days = Math.trunc(whole / 86_400);
  const clock = [Math.trunc(whole / 3600) % 24, Math.trunc(whole / 60) % 60, whole % 60].map(two).join(':');
  return days === 0 ? clock : `${days}-${clock}`;
};

/** Majors 136 to 143 are pseudo-terminals, 4 consoles and serial lines (proc(5), tty_nr). */
const terminalName = async (pid: number, device: number): Promise<string> => {
  if (device === 0) return '?';
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  const target = await readlink(`/proc/${pid}/fd/0`).catch(() => '');
  return target.startsWith('/dev/') ? target.slice('/dev/'.length) : '?';
};

const two = (value: number): string => String(value).padStart(2, '0');

const usersOf = (passwd: string): Map<number, string> =>
  new Map(
    passwd
      .split('\n')
      .toReversed()
      .flatMap((line) => {
        const [name = '', , uid] = line.split(':');
        return uid === undefined ? [] : [[Number(uid), name] as const];
      }),
  );

const read = async (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
