import { check, libc } from './library.ts';

const pipeCall = libc.func('int pipe2(void *descriptors, int flags)');
const fcntlCall = libc.func('int fcntl(int descriptor, int command, long argument)');
const closeCall = libc.func('int close(int descriptor)');

const CLOSE_ON_EXEC = 0o2000000;
const SET_PIPE_SIZE = 1031;

/**
 * A pipe between two threads of this process, both ends blocking and closed in children. The size is a wish:
 * a user near the limit of pipe(7) gets a smaller one.
 */
export const makePipe = (sizeBytes: number): { readonly readEnd: number; readonly writeEnd: number } => {
  const pair = new Int32Array(2);
  check('pipe2', pipeCall(pair, CLOSE_ON_EXEC) as number);
  const [readEnd = -1, writeEnd = -1] = pair;
  fcntlCall(writeEnd, SET_PIPE_SIZE, sizeBytes);
  return { readEnd, writeEnd };
};

/** Closes an end in another thread than made it: Node keeps lists of its own per thread and would warn. */
export const closePipeEnd = (descriptor: number): void => {
  closeCall(descriptor);
};
