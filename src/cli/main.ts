import { CommanderError } from 'commander';
import { buildProgram } from './program.ts';
import { exitCodeOf } from './exit-code.ts';

/** `gantry daemon` has flags of its own, read by the daemon itself. */
if (process.argv[2] === 'daemon') {
  process.argv.splice(2, 1);
  await import('#daemon/main.ts');
} else {
  try {
    await buildProgram().parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
    } else {
      process.stderr.write(`gantry: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = exitCodeOf(error);
    }
  }
}
