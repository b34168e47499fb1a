import type { Sentence } from '#api/docker/changes/sentence.ts';

/** Execs, and containers as execs find them. */
export const EXEC_SENTENCES: readonly Sentence[] = [
  {
    code: 'exec.not-found',
    in: '1.22',
    text: ({ id }) => `No such exec instance '${id}' found in daemon`,
    gives: "No such exec instance '<64>' found in daemon",
  },
  {
    code: 'exec.container-paused',
    in: '1.22',
    text: ({ ref }) => `Container ${ref} is paused, unpause the container before exec`,
    gives: 'Container web is paused, unpause the container before exec',
  },
  {
    code: 'exec.container-not-running',
    in: '1.42',
    text: ({ id }) => `Container ${id} is not running`,
    gives: 'Container <64> is not running',
  },
  {
    code: 'exec.container-not-running',
    in: '1.22',
    routes: ['exec-create'],
    status: 500,
    text: (_params, name) => `Container ${name} is not running`,
    gives: 'Container web is not running',
  },
  {
    code: 'exec.container-not-running',
    in: '1.22',
    routes: ['exec-start'],
    text: ({ id, exitCode }) => `Container ${id} is not running: Exited (${exitCode})`,
    gives: 'Container <64> is not running: Exited (0)',
  },
  {
    code: 'exec.start-failed',
    in: '1.22',
    status: 500,
    text: ({ id, container, detail }) => `Cannot run exec command ${id} in container ${container}: ${detail}`,
    params: { container: 'c0', detail: 'exec: "foo": executable file not found in $PATH' },
    gives: 'Cannot run exec command <64> in container c0: exec: "foo": executable file not found in $PATH',
  },
  {
    code: 'exec.already-started',
    in: '1.24',
    status: 500,
    text: ({ id }) => `Error: Exec command ${id} is already running`,
    gives: 'Error: Exec command <64> is already running',
  },
  {
    code: 'exec.not-running',
    in: '1.24',
    status: 500,
    text: ({ id }) => `Exec ${id} is not running, so it can not be resized.`,
    gives: 'Exec <64> is not running, so it can not be resized.',
  },
];
