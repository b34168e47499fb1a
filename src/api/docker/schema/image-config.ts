import { Type } from '#api/dialect/type.ts';
import { Nullable } from '#api/dialect/schema.ts';
import { Healthcheck } from './config.ts';

const Strings = Type.Array(Type.String());
const Keys = Type.Record(Type.String(), Type.Object({}));

/** What an image says about running it; before 1.50 it was written as a container's `Config`. */
export const ImageConfigAnswer = Type.Object(
  {
    User: Type.String(),
    ExposedPorts: Type.Optional(Keys),
    Env: Nullable(Strings),
    Cmd: Nullable(Strings),
    Healthcheck: Type.Optional(Healthcheck),
    Volumes: Nullable(Keys),
    WorkingDir: Type.String(),
    Entrypoint: Nullable(Strings),
    OnBuild: Nullable(Strings),
    Labels: Nullable(Type.Record(Type.String(), Type.String())),
    StopSignal: Type.Optional(Type.String()),
    Shell: Type.Optional(Strings),
  },
  { $id: 'ImageConfigAnswer' },
);
