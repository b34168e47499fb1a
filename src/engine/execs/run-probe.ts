import type { ProbeOptions } from '#engine/containers/hooks.ts';
import type { RuntimeExecProcess } from '#engine/ports/container-runtime.ts';
import { SIGKILL } from '#domain/container/signals.ts';

/** Reads a command's output to its end and gives its exit code; throws why it could not be run. `ended`: the code is stored. */
export const runProbe = async (
  process: RuntimeExecProcess,
  ended: Promise<void>,
  { take, signal }: ProbeOptions,
): Promise<number> => {
  const kill = (): void => process.kill(SIGKILL);
  if (signal.aborted) kill();
  else signal.addEventListener('abort', kill, { once: true });
  try {
    for await (const { bytes } of process.output) take(bytes);
    await ended;
    const { exitCode, error } = await process.exit;
    if (error !== undefined) throw new Error(error);
    return exitCode;
  } finally {
    signal.removeEventListener('abort', kill);
  }
};
