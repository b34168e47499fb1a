import { Type } from '#api/dialect/type.ts';
import { StringOrList } from '#api/dialect/schema.ts';

const Text = () => Type.Optional(Type.String());
const Keys = () => Type.Optional(Type.Record(Type.String(), Type.Unknown()));

/** What an image runs, in Docker's words: the body of a commit. Its other members do not reach images. */
export const CommitBody = Type.Object(
  {
    User: Text(),
    Env: Type.Optional(Type.Array(Type.String())),
    Cmd: Type.Optional(StringOrList()),
    Entrypoint: Type.Optional(StringOrList()),
    Volumes: Keys(),
    WorkingDir: Text(),
    /** By port and protocol, such as `22/tcp`. */
    ExposedPorts: Keys(),
    Labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    StopSignal: Text(),
  },
  { $id: 'CommitBody' },
);
