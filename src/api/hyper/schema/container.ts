import { Type } from '#api/dialect/type.ts';

const Text = () => Type.Optional(Type.String());
const Map = () => Type.Optional(Type.Record(Type.String(), Type.String()));
const Variable = Type.Object({ env: Text(), value: Text() });

/** hyperd-api 3.4: zero values are left out. */
export const PodContainer = Type.Object(
  {
    name: Text(),
    containerID: Text(),
    image: Text(),
    imageID: Text(),
    workingDir: Text(),
    tty: Type.Optional(Type.Boolean()),
    commands: Type.Optional(Type.Array(Type.String())),
    args: Type.Optional(Type.Array(Type.String())),
    env: Type.Optional(Type.Array(Variable)),
    volumeMounts: Type.Optional(
      Type.Array(Type.Object({ name: Text(), mountPath: Text(), readOnly: Type.Optional(Type.Boolean()) })),
    ),
    labels: Map(),
  },
  { $id: 'PodContainer' },
);

/** The three structures are always there, filled or not. */
export const ContainerStatus = Type.Object(
  {
    name: Text(),
    containerID: Text(),
    phase: Text(),
    waiting: Type.Object({ reason: Text() }),
    running: Type.Object({ startedAt: Text() }),
    terminated: Type.Object({
      exitCode: Type.Optional(Type.Integer()),
      reason: Text(),
      message: Text(),
      startedAt: Text(),
      finishedAt: Text(),
    }),
  },
  { $id: 'ContainerStatus' },
);

export const ContainerInfo = Type.Object(
  {
    container: PodContainer,
    createdAt: Type.Optional(Type.Integer()),
    podID: Text(),
    status: ContainerStatus,
  },
  { $id: 'ContainerInfo' },
);
