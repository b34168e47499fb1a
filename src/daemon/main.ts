import { enableCompileCache, flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

/** As bin/gantry.mjs: not below the world-writable temporary folder. */
const CACHE = '/var/cache/gantry/compiled';
/** By then the start's garbage is garbage. */
const TIDY_AFTER_MS = 1500;

// Threads read the cache where the variable is set, and this module only if it was set at the process's
// start; otherwise each loads a compiler of its own (110 MB together).
if (process.env['NODE_COMPILE_CACHE'] === undefined) {
  process.env['NODE_COMPILE_CACHE'] = CACHE;
  const { execPath, execArgv, argv, env } = process;
  if (import.meta.main) process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], env);
}
// The young generation keeps its first size, here and in the threads: 25 MB that a daemon hardly ever needs.
setFlagsFromString('--semi-space-growth-factor=1');
// Before anything else is loaded, so that all of it is kept: a second start is several times faster.
enableCompileCache();

const { startDaemon } = await import('./lifecycle.ts');
const { OptionError, usage } = await import('./options.ts');
const { releaseUnusedMemory } = await import('#adapters/libc/process-memory.ts');

const args = process.argv.slice(2);

const explain = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const announce = ({ docker, hyper }: { docker: readonly string[]; hyper: readonly string[] }): void => {
  const [first = ''] = docker;
  const pods = hyper.length === 0 ? '' : `; pods (hyperd dialect) on ${hyper.join(', ')}`;
  process.stdout.write(
    [
      `ready: Docker dialect on ${docker.join(', ')}${pods}`,
      'try:',
      '  npx gantry demo',
      `  docker -H ${first} info`,
      `  docker -H ${first} run --rm busybox echo hi`,
      '',
    ].join('\n'),
  );
};

const run = async (): Promise<void> => {
  // Nothing else keeps the process alive while nobody is served, at its start and at its end: it would leave in the
  // middle of its work.
  setInterval(() => {}, 60_000);
  const daemon = await startDaemon(args);
  let stoppingSince = 0;
  const stop = async (): Promise<void> => {
    // npm passes on a Ctrl-C that the terminal has sent us already: what comes at once is one signal.
    if (stoppingSince > 0 && performance.now() - stoppingSince < 500) return;
    // A second signal while stopping: the user has no patience, containers are safe either way.
    if (stoppingSince > 0) process.exit(1);
    stoppingSince = performance.now();
    await daemon.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  process.on('SIGHUP', () => void daemon.reload());
  announce(daemon.urls);
  // Written at exit otherwise, and a daemon may be killed.
  flushCompileCache();
  setTimeout(releaseUnusedMemory, TIDY_AFTER_MS).unref();
};

if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(usage());
} else {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`gantry: ${explain(error)}\n`);
    if (error instanceof OptionError) process.stderr.write('See gantry daemon --help\n');
    process.exit(1);
  }
}
