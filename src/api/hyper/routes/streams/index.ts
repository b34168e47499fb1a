import type { Route } from '#api/dialect/route.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { attach } from './attach.ts';
import { exec, execCreate, execStart, execVm } from './exec.ts';
import { containerExitCode, exitCode } from './exit-code.ts';
import { ttyResize } from './resize.ts';

export const STREAM_ROUTES: readonly Route<HyperContext>[] = [
  attach,
  execCreate,
  execStart,
  exec,
  execVm,
  exitCode,
  containerExitCode,
  ttyResize,
];
