/** An error that decides the command's exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export const exitCodeOf = (error: unknown): number => (error instanceof CommandError ? error.exitCode : 1);

/** Docker's convention for a container that could not be started: 127 not found, 126 not executable, else 125. */
export const startFailureCode = (message: string): number => {
  if (/executable file not found|no such file or directory/i.test(message)) return 127;
  return /permission denied|is a directory/i.test(message) ? 126 : 125;
};
