import type { RawStream } from '#api/http/reply.ts';
import type { ExecConfig } from '#domain/exec/exec.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { framePiece } from '#formats/stdcopy/frame.ts';
import type { Engine } from '#engine/engine.ts';
import type { Entry } from './exec-book.ts';
import { serveSession } from './serve-session.ts';

export const execConfig = (
  command: readonly string[],
  tty: boolean,
  options: Partial<ExecConfig> = {},
): ExecConfig => ({
  command,
  user: '',
  privileged: false,
  tty,
  attachStdin: true,
  attachStdout: true,
  attachStderr: true,
  env: [],
  workingDir: '',
  detachKeys: '',
  ...options,
});

/** Of a command that could not be run, or whose end nobody saw. */
const LOST = 255;

/** Runs it once, with the client on its streams; it goes on when the client leaves. */
export const runExec = async (
  engine: Engine,
  entry: Entry,
  stream: RawStream,
  isRaw: boolean,
): Promise<void> => {
  if (entry.isTaken) return;
  entry.isTaken = true;
  try {
    const id = await engine.execs.create(entry.containerId, entry.config);
    // Not the client's signal: its leaving does not end the command.
    const session = await engine.execs.start(id, { signal: new AbortController().signal });
    entry.begun.open(id);
    const { served, ended } = serveSession(session, stream, { isRaw });
    void ended.catch(() => undefined).then(() => entry.exit.open(codeOf(engine, id)));
    await served;
    const { error } = known(engine, id);
    if (error !== undefined) await tell(stream, error, isRaw || session.tty);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    await tell(stream, error.message, isRaw || entry.config.tty);
    entry.begun.open(error);
    entry.exit.open(LOST);
  }
};

const known = (engine: Engine, id: string): { readonly exitCode: number | null; readonly error?: string } => {
  try {
    return engine.execs.get(id);
  } catch (error) {
    // Its container has ended meanwhile, and the exec with it.
    if (error instanceof EngineError) return { exitCode: null };
    throw error;
  }
};

const codeOf = (engine: Engine, id: string): number => known(engine, id).exitCode ?? LOST;

/** Why it did not run, where its errors would have gone. */
const tell = async (stream: RawStream, words: string, isRaw: boolean): Promise<void> => {
  if (stream.signal.aborted) return;
  const bytes = Buffer.from(`${words}\n`);
  await stream.write(isRaw ? bytes : framePiece({ stream: 'stderr', bytes })).catch(() => undefined);
};
