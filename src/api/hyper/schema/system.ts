import { Type } from '#api/dialect/type.ts';

const Text = () => Type.Optional(Type.String());

export const AuthConfig = Type.Object(
  {
    username: Text(),
    password: Text(),
    auth: Text(),
    email: Text(),
    serveraddress: Text(),
    registrytoken: Text(),
  },
  { $id: 'AuthConfig' },
);

export const AuthAnswer = Type.Object({ Status: Type.String() }, { $id: 'AuthAnswer' });

/** `MemTotal` is in kilobytes, `ID` the daemon's process (hyperd-api 2.6). */
export const Info = Type.Object(
  {
    Containers: Type.Integer(),
    DockerRootDir: Type.String(),
    Driver: Type.String(),
    DriverStatus: Type.Array(Type.Array(Type.String())),
    ExecutionDriver: Type.String(),
    ID: Type.Integer(),
    Images: Type.Integer(),
    IndexServerAddress: Type.String(),
    MemTotal: Type.Integer(),
    Name: Type.String(),
    'Operating System': Type.String(),
    Pods: Type.Integer(),
  },
  { $id: 'Info' },
);

export const Version = Type.Object({ ID: Type.Integer(), Version: Type.String() }, { $id: 'Version' });
