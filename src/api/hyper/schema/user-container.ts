import { Type } from '#api/dialect/type.ts';

const Text = () => Type.Optional(Type.String());
const Flag = () => Type.Optional(Type.Boolean());
const Count = () => Type.Optional(Type.Integer());
const Texts = () => Type.Optional(Type.Array(Type.String()));
const Pairs = () => Type.Optional(Type.Record(Type.String(), Type.String()));

/** hyperd-api 3.1. `driver` is what older clients call `format`. */
export const UserVolume = Type.Object(
  {
    name: Text(),
    source: Text(),
    format: Text(),
    driver: Text(),
    fstype: Text(),
    option: Type.Optional(Type.Object({ user: Text(), keyring: Text(), monitors: Texts() })),
    cache: Text(),
  },
  { $id: 'UserVolume' },
);

export const UserFile = Type.Object(
  { name: Text(), encoding: Text(), uri: Text(), content: Text() },
  { $id: 'UserFile' },
);

export const UserVolumeReference = Type.Object(
  { path: Text(), volume: Text(), readOnly: Flag(), detail: Type.Optional(UserVolume) },
  { $id: 'UserVolumeReference' },
);

export const UserFileReference = Type.Object(
  {
    path: Text(),
    filename: Text(),
    perm: Text(),
    user: Text(),
    group: Text(),
    detail: Type.Optional(UserFile),
  },
  { $id: 'UserFileReference' },
);

/** Old style: a pod's create makes port mappings of them. */
export const UserContainerPort = Type.Object(
  { hostPort: Count(), containerPort: Count(), servicePort: Count(), protocol: Text() },
  { $id: 'UserContainerPort' },
);

export const UserContainer = Type.Object(
  {
    name: Text(),
    id: Text(),
    image: Text(),
    command: Texts(),
    entrypoint: Texts(),
    workdir: Text(),
    envs: Type.Optional(Type.Array(Type.Object({ env: Text(), value: Text() }))),
    user: Type.Optional(Type.Object({ name: Text(), group: Text(), additionalGroups: Texts() })),
    tty: Flag(),
    restartPolicy: Text(),
    ports: Type.Optional(Type.Array(UserContainerPort)),
    volumes: Type.Optional(Type.Array(UserVolumeReference)),
    files: Type.Optional(Type.Array(UserFileReference)),
    labels: Pairs(),
    sysctl: Pairs(),
    StopSignal: Text(),
    ulimits: Type.Optional(Type.Array(Type.Object({ Name: Text(), Hard: Count(), Soft: Count() }))),
    logPath: Text(),
    readOnly: Flag(),
    cache: Text(),
  },
  { $id: 'UserContainer' },
);
