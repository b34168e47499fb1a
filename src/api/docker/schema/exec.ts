import { Type } from '#api/dialect/type.ts';
import { since, until } from '#api/dialect/lifetime.ts';
import { internal, Nullable, StringOrList } from '#api/dialect/schema.ts';

const Flag = Type.Optional(Type.Boolean());
const Size = Type.Optional(Nullable(Type.Array(Type.Integer()), since('1.42')));

export const ExecBody = Type.Object(
  {
    AttachStdin: Flag,
    AttachStdout: Flag,
    AttachStderr: Flag,
    Tty: Flag,
    Cmd: Type.Optional(StringOrList()),
    User: Type.Optional(Type.String()),
    Privileged: Flag,
    Detach: Flag,
    DetachKeys: Type.Optional(Type.String(since('1.22'))),
    Env: Type.Optional(Type.Array(Type.String(), since('1.25'))),
    WorkingDir: Type.Optional(Type.String(since('1.35'))),
    ConsoleSize: Size,
  },
  { $id: 'ExecBody' },
);

export const ExecCreated = Type.Object({ Id: Type.String() }, { $id: 'ExecCreated' });

export const ExecStartBody = Type.Object(
  {
    Detach: Flag,
    Tty: Flag,
    ConsoleSize: Size,
    /** Who says that the command did not come to run: the process that was to become it, or the engine. */
    failureTold: Type.Optional(Type.Union([Type.Literal('by-process'), Type.Literal('by-engine')], internal)),
  },
  { $id: 'ExecStartBody' },
);

const ProcessConfig = Type.Object({
  tty: Type.Boolean(),
  entrypoint: Type.String(),
  arguments: Type.Array(Type.String()),
  privileged: Type.Boolean(),
  user: Type.Optional(Type.String()),
});

/** docker-shapes.md 5, docker-modern.md 3.9. */
export const ExecAnswer = Type.Object(
  {
    ID: Type.String(),
    Running: Type.Boolean(),
    ExitCode: Nullable(Type.Integer()),
    ProcessConfig,
    OpenStdin: Type.Boolean(),
    OpenStderr: Type.Boolean(),
    OpenStdout: Type.Boolean(),
    CanRemove: Type.Boolean(since('1.22')),
    ContainerID: Type.String(since('1.22')),
    /** Base64 of the keys' bytes. */
    DetachKeys: Type.String(since('1.22')),
    Pid: Type.Integer(since('1.25')),
    /** The container as the daemon held it. */
    Container: Type.Record(Type.String(), Type.Unknown(), until('1.22')),
  },
  { $id: 'ExecAnswer' },
);
