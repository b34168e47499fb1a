/** Exit codes of a container that could not be started (docker-modern.md 2.2: `docker run` repeats them). */
const SETUP_FAILED = 128;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** The code a shell would give for the runtime's words; 128 when the failure was not the command's. */
export const exitCodeOfFailure = (detail: string, isRuntime: boolean): number => {
  if (!isRuntime) return SETUP_FAILED;
  if (/executable file .*not found|no such file or directory/i.test(detail)) return NOT_FOUND;
  if (/permission denied|is a directory|not a directory|exec format error/i.test(detail))
    return NOT_EXECUTABLE;
  return SETUP_FAILED;
};
