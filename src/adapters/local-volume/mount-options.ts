import { mountFlags } from '#adapters/libc/mounts.ts';

/** The two arguments of mount(2) that options become. */
export type ParsedOptions = {
  readonly flags: number;
  /** What is the file system's own business. */
  readonly data: string;
};

const SET: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ro: mountFlags.readOnly,
    nosuid: mountFlags.noSuid,
    nodev: mountFlags.noDev,
    noexec: mountFlags.noExec,
    sync: mountFlags.synchronous,
    dirsync: mountFlags.dirSynchronous,
    remount: mountFlags.remount,
    mand: mountFlags.mandatoryLocks,
    noatime: mountFlags.noAtime,
    nodiratime: mountFlags.noDirAtime,
    relatime: mountFlags.relAtime,
    strictatime: mountFlags.strictAtime,
    bind: mountFlags.bind,
    rbind: mountFlags.bind | mountFlags.recursive,
    private: mountFlags.private,
    rprivate: mountFlags.private | mountFlags.recursive,
    slave: mountFlags.slave,
    rslave: mountFlags.slave | mountFlags.recursive,
    shared: mountFlags.shared,
    rshared: mountFlags.shared | mountFlags.recursive,
    unbindable: mountFlags.unbindable,
    runbindable: mountFlags.unbindable | mountFlags.recursive,
  }),
);

const CLEAR: ReadonlyMap<string, number> = new Map(
  Object.entries({
    defaults: 0,
    rw: mountFlags.readOnly,
    suid: mountFlags.noSuid,
    dev: mountFlags.noDev,
    exec: mountFlags.noExec,
    async: mountFlags.synchronous,
    nomand: mountFlags.mandatoryLocks,
    atime: mountFlags.noAtime,
    diratime: mountFlags.noDirAtime,
    norelatime: mountFlags.relAtime,
    nostrictatime: mountFlags.strictAtime,
  }),
);

/** `ro,size=10m` as mount(8) reads it: later words win, unknown ones are data. */
export const parseMountOptions = (text: string): ParsedOptions => {
  let flags = 0;
  const data: string[] = [];
  for (const word of text.split(',')) {
    const [set, clear] = [SET.get(word), CLEAR.get(word)];
    if (set !== undefined) flags |= set;
    else if (clear !== undefined) flags &= ~clear;
    else if (word !== '') data.push(word);
  }
  return { flags, data: data.join(',') };
};

/** What a mount is changed to afterwards, not made with. */
export const PROPAGATION = mountFlags.private | mountFlags.slave | mountFlags.shared | mountFlags.unbindable;
