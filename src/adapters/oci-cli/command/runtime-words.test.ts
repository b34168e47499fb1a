import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainFailure } from './runtime-words.ts';

const cases: readonly (readonly [
  name: string,
  text: string,
  executable: string,
  detail: string,
  exitCode: number,
])[] = [
  [
    'crun: a bare name that is nowhere',
    'executable file `foo` not found in $PATH: No such file or directory\n',
    'foo',
    'exec: "foo": executable file not found in $PATH',
    127,
  ],
  [
    'crun: a path that is not there',
    'executable file `/x` not found in $PATH: No such file or directory',
    '/x',
    'exec: "/x": stat /x: no such file or directory',
    127,
  ],
  [
    'crun: an empty name',
    'open executable: Permission denied',
    '',
    'exec: "": executable file not found in $PATH',
    127,
  ],
  [
    'crun: a file without x',
    'open executable: Permission denied',
    '/x',
    'exec: "/x": permission denied',
    126,
  ],
  [
    'crun: a folder',
    'open executable: Operation not permitted',
    '/bin',
    'exec: "/bin": permission denied',
    126,
  ],
  [
    'crun: a working directory that is not there',
    'chdir `/nope`: No such file or directory',
    'true',
    'chdir to cwd ("/nope") set in config.json failed: no such file or directory',
    127,
  ],
  ['crun: a file of no known format', 'exec: Exec format error', '/x', 'exec: "/x": exec format error', 126],
  [
    'runc: its log line is taken apart',
    'time="2026-11-21T03:24:24Z" level=error msg="runc create failed: unable to start container process: exec: \\"foo\\": executable file not found in $PATH"\n',
    'foo',
    'exec: "foo": executable file not found in $PATH',
    127,
  ],
  [
    'runc: exec',
    'time="x" level=error msg="exec failed: unable to start container process: exec: \\"/x\\": permission denied"',
    '/x',
    'exec: "/x": permission denied',
    126,
  ],
  [
    'other words stay',
    'mount `proc` to `proc`: Invalid argument\n',
    'x',
    'mount `proc` to `proc`: Invalid argument',
    126,
  ],
];

for (const [name, text, executable, detail, exitCode] of cases) {
  test(name, () => assert.deepEqual(explainFailure(text, executable), { detail, exitCode }));
}
