import { Type } from '#api/dialect/type.ts';
import { lenient } from '#api/dialect/lifetime.ts';
import { internal } from '#api/dialect/schema.ts';

const Text = () => Type.Optional(Type.String());
const Flag = () => Type.Optional(Type.Boolean());

/** Who is meant, in the words of every generation (hyperd-api 1.4). */
const who = { container: Text(), value: Text(), id: Text() };

export const ContainerQuery = Type.Object({ ...who }, { $id: 'ContainerQuery' });

export const CreateQuery = Type.Object(
  { podId: Text(), podName: Text(), pod: Text() },
  { $id: 'ContainerCreateQuery' },
);

/** A signal that cannot be read is SIGTERM. */
export const KillQuery = Type.Object(
  { ...who, signal: Type.Optional(Type.Integer(lenient())) },
  { $id: 'ContainerKillQuery' },
);

export const RenameQuery = Type.Object(
  { oldName: Text(), oleName: Text(), newName: Text() },
  { $id: 'ContainerRenameQuery' },
);

export const CommitQuery = Type.Object(
  {
    ...who,
    repo: Text(),
    tag: Text(),
    author: Text(),
    comment: Text(),
    message: Text(),
    pause: Flag(),
    changes: Type.Array(Type.String()),
    change: Type.Array(Type.String()),
  },
  { $id: 'ContainerCommitQuery' },
);

export const LogsQuery = Type.Object(
  {
    ...who,
    stdout: Type.Boolean(),
    stderr: Type.Boolean(),
    follow: Type.Boolean(),
    timestamps: Type.Boolean(),
    timestamp: Type.Boolean(),
    tail: Text(),
    since: Text(),
  },
  { $id: 'ContainerLogsQuery' },
);

/** `type`, `value`: `container` or `pod`, and which. Output is framed unless a change says that it never was. */
export const AttachQuery = Type.Object(
  {
    ...who,
    type: Text(),
    isRaw: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'AttachQuery' },
);

export const ExitCodeQuery = Type.Object({ ...who, exec: Text(), tag: Text() }, { $id: 'ExitCodeQuery' });

/** `command` is a JSON array, or a line. */
export const ExecCreateQuery = Type.Object(
  { ...who, command: Text(), tty: Text() },
  { $id: 'ExecCreateQuery' },
);

export const ExecStartQuery = Type.Object({ ...who, exec: Text(), tag: Text() }, { $id: 'ExecStartQuery' });

export const ExecQuery = Type.Object(
  {
    ...who,
    type: Text(),
    command: Text(),
    tag: Text(),
    tty: Text(),
    isRaw: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'ExecQuery' },
);

export const ExecVmQuery = Type.Object(
  { pod: Text(), podId: Text(), podName: Text(), command: Text() },
  { $id: 'ExecVmQuery' },
);

export const ResizeQuery = Type.Object(
  { ...who, exec: Text(), tag: Text(), h: Type.Integer(), w: Type.Integer() },
  { $id: 'TtyResizeQuery' },
);
