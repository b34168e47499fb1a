import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';

/** Moves itself, then becomes the program: moved by us, it could have forked before. */
const MOVE_AND_RUN = '{ echo 0 >&3; } 2>/dev/null; exec "$@" 3>&-';

type Start = {
  readonly path: string;
  readonly args: readonly string[];
  readonly descriptors: readonly number[];
};

/** Starts programs outside the daemon's own control group of version 2, where they are not born there. */
export class OutsideGroup {
  /** Open, since the hierarchy may be hidden from those programs. */
  readonly #members: number | undefined;

  constructor(folder: string | undefined) {
    this.#members =
      folder === undefined ? undefined : openSync(join(folder, 'cgroup.procs'), constants.O_WRONLY);
  }

  /** What to spawn for a program with descriptors 0, 1 and 2. */
  start(path: string, args: readonly string[], stdio: readonly number[]): Start {
    if (this.#members === undefined) return { path, args, descriptors: stdio };
    return {
      path: '/bin/sh',
      args: ['-c', MOVE_AND_RUN, 'sh', path, ...args],
      descriptors: [...stdio, this.#members],
    };
  }

  close(): void {
    if (this.#members !== undefined) closeSync(this.#members);
  }
}
