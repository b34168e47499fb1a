import { closeSync } from 'node:fs';
import { check, koffi, libc, SystemCallError } from './library.ts';

const spawnCall = libc.func(
  'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)',
);
const actionsInit = libc.func('int posix_spawn_file_actions_init(void *actions)');
const actionsDestroy = libc.func('int posix_spawn_file_actions_destroy(void *actions)');
const actionsDuplicate = libc.func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)');
const actionsCloseFrom = libc.func('int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)');
const actionsChdir = libc.func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)');
const attributesInit = libc.func('int posix_spawnattr_init(void *attributes)');
const attributesDestroy = libc.func('int posix_spawnattr_destroy(void *attributes)');
const attributesFlags = libc.func('int posix_spawnattr_setflags(void *attributes, short flags)');
const attributesDefaults = libc.func('int posix_spawnattr_setsigdefault(void *attributes, const void *set)');
const attributesMask = libc.func('int posix_spawnattr_setsigmask(void *attributes, const void *set)');
const waitpidCall = libc.func('int waitpid(int pid, _Out_ int *status, int options)');
const waitidCall = libc.func('int waitid(int type, unsigned int id, void *info, int options)');
const prctlCall = libc.func('int prctl(int option, ...)');
const fcntlCall = libc.func('int fcntl(int fd, int command, ...)');
const syscallCall = libc.func('long syscall(long number, ...)');

/** Opaque structures of glibc, with room to spare (336, 80 and 128 bytes on 64-bit machines). */
const structureBytes = 512;
const spawnFlags = { signalDefaults: 0x04, signalMask: 0x08, newSession: 0x80 } as const;
const waitNoHang = 1;
const setChildSubreaper = 36;
const waitAny = 0;
const waitExited = 4;
const waitNoReap = 0x01000000;
const duplicateCloseOnExec = 1030;
/** Same numbers on every architecture (include/uapi/asm-generic/unistd.h). */
const systemCalls = { pidfdSendSignal: 424, pidfdOpen: 434 } as const;
const noProcess = 3;

export type Spawn = {
  readonly path: string;
  /** Without the program's own name. */
  readonly args: readonly string[];
  /** `NAME=value`; nothing is inherited. */
  readonly env: readonly string[];
  /** The child's descriptors 0, 1, 2... in this order; all others are closed. */
  readonly descriptors: readonly number[];
  /** Working directory; default: ours. */
  readonly directory?: string;
};

/** posix_spawn functions answer an error number instead of setting errno. */
const checkNumber = (call: string, result: number, detail = ''): void => {
  if (result !== 0) throw new SystemCallError(call, result, detail);
};

/**
 * Starts a program in a session of its own, in the namespaces of the calling thread. Signal dispositions
 * and mask are the defaults, whatever Node changed. Answers its pid; the caller must reap it.
 * Throws SystemCallError.
 */
export const spawnProcess = (spawn: Spawn): number => {
  const actions = Buffer.alloc(structureBytes);
  const attributes = Buffer.alloc(structureBytes);
  checkNumber('posix_spawn_file_actions_init', actionsInit(actions) as number);
  checkNumber('posix_spawnattr_init', attributesInit(attributes) as number);
  const lifted: number[] = [];
  try {
    setAttributes(attributes);
    addDescriptors(actions, spawn.descriptors, lifted);
    // Ours are close-on-exec; what we inherited from whoever started us may not be.
    checkNumber(
      'posix_spawn_file_actions_addclosefrom_np',
      actionsCloseFrom(actions, spawn.descriptors.length) as number,
    );
    if (spawn.directory !== undefined)
      checkNumber('posix_spawn_file_actions_addchdir_np', actionsChdir(actions, spawn.directory) as number);
    const pid: [number] = [0];
    const argv = [spawn.path, ...spawn.args, null];
    const result = spawnCall(pid, spawn.path, actions, attributes, argv, [...spawn.env, null]) as number;
    checkNumber('posix_spawn', result, spawn.path);
    return pid[0];
  } finally {
    for (const descriptor of lifted) closeSync(descriptor);
    actionsDestroy(actions);
    attributesDestroy(attributes);
  }
};

const setAttributes = (attributes: Buffer): void => {
  const flags = spawnFlags.signalDefaults | spawnFlags.signalMask | spawnFlags.newSession;
  checkNumber('posix_spawnattr_setflags', attributesFlags(attributes, flags) as number);
  checkNumber(
    'posix_spawnattr_setsigdefault',
    attributesDefaults(attributes, Buffer.alloc(128, 0xff)) as number,
  );
  checkNumber('posix_spawnattr_setsigmask', attributesMask(attributes, Buffer.alloc(128)) as number);
};

const addDescriptors = (actions: Buffer, descriptors: readonly number[], lifted: number[]): void => {
  for (const [target, source] of descriptors.entries()) {
    // A source among the targets would be overwritten by an earlier dup2: move it out of the way.
    const safe = source < descriptors.length ? duplicate(source, descriptors.length) : source;
    if (safe !== source) lifted.push(safe);
    checkNumber('posix_spawn_file_actions_adddup2', actionsDuplicate(actions, safe, target) as number);
  }
};

const duplicate = (descriptor: number, lowest: number): number =>
  check('fcntl', fcntlCall(descriptor, duplicateCloseOnExec, 'int', lowest) as number);

/**
 * How the child `pid` ended: its status, or 128 + signal. Undefined while it runs; `gone` when it is no
 * child of ours (any more). Never blocks.
 */
export const reapChild = (pid: number): number | 'gone' | undefined => {
  const status: [number] = [0];
  const result = waitpidCall(pid, status, waitNoHang) as number;
  if (result === 0) return undefined;
  if (result < 0) return 'gone';
  const signal = status[0] & 0x7f;
  return signal === 0 ? (status[0] >> 8) & 0xff : 128 + signal;
};

/** Some child that has ended and was not reaped yet, left as it is; undefined when there is none. */
export const peekEndedChild = (): number | undefined => {
  const info = Buffer.alloc(128);
  const result = waitidCall(waitAny, 0, info, waitNoHang | waitExited | waitNoReap) as number;
  // struct siginfo: the fields of SIGCHLD begin at 16, with the pid; 0 when nobody waits.
  const pid = info.readInt32LE(16);
  return result < 0 || pid === 0 ? undefined : pid;
};

/**
 * Makes orphaned descendants ours to reap (prctl(2), PR_SET_CHILD_SUBREAPER). Whoever runs as first process
 * may be slow at it, or not do it at all, and a pid namespace ends only after its last zombie is reaped.
 */
export const becomeSubreaper = (): void => {
  check('prctl', prctlCall(setChildSubreaper, 'unsigned long', 1) as number);
};

/**
 * Sends a signal through a pidfd, if `isSame` still holds once the descriptor is open: from then on the
 * number cannot be taken by another process. False when the process is gone.
 */
export const signalProcess = (pid: number, signal: number, isSame: () => boolean): boolean => {
  const descriptor = Number(syscallCall(systemCalls.pidfdOpen, 'int', pid, 'unsigned int', 0));
  if (descriptor < 0) return answerGone('pidfd_open');
  try {
    if (!isSame()) return false;
    const result = Number(
      syscallCall(
        systemCalls.pidfdSendSignal,
        'int',
        descriptor,
        'int',
        signal,
        'void *',
        null,
        'unsigned int',
        0,
      ),
    );
    return result === 0 ? true : answerGone('pidfd_send_signal');
  } finally {
    closeSync(descriptor);
  }
};

const answerGone = (call: string): false => {
  const errno = koffi.errno();
  if (errno !== noProcess) throw new SystemCallError(call, errno);
  return false;
};
