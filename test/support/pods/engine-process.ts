import { nanosOf } from '#formats/time/nanos.ts';
import { createReadStream } from 'node:fs';
import { compose } from '#daemon/compose.ts';
import { loadConfig } from '#daemon/config.ts';
import { createLog } from '#daemon/log.ts';
import { readDaemonFacts } from '#daemon/version.ts';
import type { Attachment, Engine } from '#engine/engine.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ExecConfig } from '#domain/exec/exec.ts';

/** A daemon whose engine is driven by its parent over messages: `{ id, path, args }` to `{ id, value }` or `{ id, error }`. */

const config = await loadConfig(process.argv.slice(2));
const log = createLog(config.logLevel);
const facts = readDaemonFacts(config.hosts);
const parts = await compose(config, facts.docker.version, log);
const said = await parts.recover();
// Loaded only where it is wanted: most tests talk to the engine alone.
const { docker, hyper } =
  process.env['SERVE'] === undefined
    ? { docker: [], hyper: [] }
    : await (await import('#daemon/serve.ts')).serve(config, parts.engine, facts, log);
const { engine } = parts;

const textOf = async (attachment: Attachment): Promise<string> => {
  let text = '';
  for await (const { bytes } of attachment.output) text += Buffer.from(bytes).toString();
  return text;
};

const extras = {
  recovered: () => said,
  load: async (path: string) => {
    for await (const _ of engine.images.load(createReadStream(path), new AbortController().signal)) continue;
  },
  attachText: async (ref: string, input?: string) => {
    const { signal } = new AbortController();
    const options = { stdin: input !== undefined, stdout: true, stderr: true, signal };
    const attachment = await engine.pods.attach(ref, options);
    const text = textOf(attachment);
    if (input !== undefined) {
      await attachment.write(Buffer.from(input));
      await attachment.closeInput();
    }
    return text;
  },
  exec: async (ref: string, args: readonly string[]) => {
    const id = await engine.execs.create(ref, { ...EXEC, command: args });
    const attachment = await engine.execs.start(id, { signal: new AbortController().signal });
    const output = await textOf(attachment);
    return { output, exitCode: engine.execs.get(id).exitCode };
  },
  wait: async (ref: string) =>
    engine.containers.wait(ref, 'not-running', new AbortController().signal).result,
  events: async (since: number) => {
    const found = [];
    const { signal } = new AbortController();
    for await (const event of engine.system.events({
      since: nanosOf(since),
      until: nanosOf(Date.now()),
      matches: () => true,
      signal,
    }))
      found.push(event);
    return found;
  },
};

const EXEC: Omit<ExecConfig, 'command'> = {
  user: '',
  privileged: false,
  tty: false,
  attachStdin: false,
  attachStdout: true,
  attachStderr: true,
  detachKeys: '',
  env: [],
  workingDir: '',
};

type Call = {
  readonly id: number;
  readonly path: readonly [string, string];
  readonly args: readonly unknown[];
};

const answer = async ({ id, path: [part, name], args }: Call): Promise<void> => {
  try {
    const target: Readonly<Record<string, unknown>> =
      part === 'extras' ? extras : { ...engine[part as keyof Engine] };
    const operation = target[name];
    if (typeof operation !== 'function') throw new Error(`no operation ${part}.${name}`);
    process.send?.({ id, value: await operation(...args) });
  } catch (error) {
    const { kind, code, params } = isEngineError(error) ? error : { kind: '', code: '', params: {} };
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ id, error: { kind, code, params, message } });
  }
};

process.on('message', (message) => void answer(message as Call));
process.on('SIGTERM', () => {
  void (async () => {
    await Promise.all([...docker, ...hyper].map(async (listener) => listener.close()));
    await parts.close({ stopContainers: config.stopContainersOnExit });
    process.exit(0);
  })();
});
process.send?.('ready');
