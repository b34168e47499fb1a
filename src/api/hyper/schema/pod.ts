import { Type } from '#api/dialect/type.ts';
import { internal } from '#api/dialect/schema.ts';
import { ContainerStatus, PodContainer } from './container.ts';

const Text = () => Type.Optional(Type.String());
const Count = () => Type.Optional(Type.Integer());

/** `{}` today; older clients are told the VM they asked for. */
export const PodStarted = Type.Object({ vmId: Type.Optional(Type.String(internal)) }, { $id: 'PodStarted' });

/** `Code` is 0 today; older clients are told what became of the VM. */
export const PodStopped = Type.Object(
  {
    Cause: Type.String(),
    Code: Type.Integer(),
    ID: Type.String(),
    keptVm: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'PodStopped' },
);

/** hyperd-api 3.3: zero values are left out. */
export const PodInfo = Type.Object(
  {
    podID: Text(),
    kind: Text(),
    apiVersion: Text(),
    vm: Text(),
    createdAt: Count(),
    spec: Type.Object({
      volumes: Type.Optional(Type.Array(Type.Object({ name: Text(), source: Text(), driver: Text() }))),
      containers: Type.Optional(Type.Array(PodContainer)),
      labels: Type.Optional(Type.Record(Type.String(), Type.String())),
      vcpu: Count(),
      memory: Count(),
    }),
    status: Type.Object({
      phase: Text(),
      message: Text(),
      reason: Text(),
      startTime: Text(),
      finishTime: Text(),
      hostIP: Text(),
      podIP: Type.Optional(Type.Array(Type.String())),
      containerStatus: Type.Optional(Type.Array(ContainerStatus)),
    }),
    podName: Text(),
  },
  { $id: 'PodInfo' },
);

const Lines = () => Type.Optional(Type.Array(Type.String()));

/** Elements are joined by colons (hyperd-api 2.1). */
export const ListAnswer = Type.Object(
  {
    item: Type.String(),
    podData: Lines(),
    cData: Lines(),
    vmData: Lines(),
    /** How pods at rest ended, by id: older clients are told. */
    outcomes: Type.Optional(Type.Record(Type.String(), Type.String(), internal)),
  },
  { $id: 'ListAnswer' },
);

export const PortMappingsAnswer = Type.Object(
  {
    portMappings: Type.Array(
      Type.Object({ containerPort: Type.String(), hostPort: Type.String(), protocol: Type.String() }),
    ),
  },
  { $id: 'PortMappingsAnswer' },
);

export const ServicesAnswer = Type.Union(
  [
    Type.Array(
      Type.Object({
        serviceIP: Text(),
        servicePort: Count(),
        protocol: Text(),
        hosts: Type.Optional(Type.Array(Type.Object({ hostIP: Text(), hostPort: Count() }))),
      }),
    ),
    Type.Null(),
  ],
  { $id: 'ServicesAnswer' },
);

/** `["Result=success"]`. */
export const ServicesDone = Type.Array(Type.String(), { $id: 'ServicesDone' });
