import { ApiError } from '#client/api-error.ts';

/** Does it for each by itself: prints the name of what went well and the reason of what did not; exit code 1 then. */
export const forEach = async (
  names: readonly string[],
  work: (name: string) => Promise<unknown>,
): Promise<void> => {
  for (const name of names) {
    try {
      await work(name);
      process.stdout.write(`${name}\n`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      process.stderr.write(`Error response from daemon: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
};
