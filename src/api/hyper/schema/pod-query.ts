import { Type } from '#api/dialect/type.ts';
import { lenient, until } from '#api/dialect/lifetime.ts';
import { internal, json } from '#api/dialect/schema.ts';
import { UserPodText, UserService } from './user-pod.ts';

const Text = () => Type.Optional(Type.String());

/** Which pod, in the words of every generation (hyperd-api 1.4). */
const which = { podId: Text(), podName: Text(), pod: Text() };

export const PodQuery = Type.Object({ ...which }, { $id: 'PodQuery' });

/** `remove`: with its last container, where clients do not do that themselves. */
export const PodCreateQuery = Type.Object(
  {
    podArgs: Type.Optional(UserPodText),
    remove: Type.Optional(Type.String(until('0.6'))),
    /** Made at the first start, over when its containers are. */
    isOlder: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'PodCreateQuery' },
);

export const PodRunQuery = Type.Object(
  { podArgs: Type.Optional(UserPodText), remove: Text(), isOlder: Type.Optional(Type.Boolean(internal)) },
  { $id: 'PodRunQuery' },
);

/** `attach` or `tag`: the answer is the first container's streams. */
export const PodStartQuery = Type.Object(
  {
    ...which,
    vmId: Text(),
    attach: Type.Optional(Type.String(until('0.8'))),
    tag: Type.Optional(Type.String(until('0.8'))),
    isOlder: Type.Optional(Type.Boolean(internal)),
    isRaw: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'PodStartQuery' },
);

export const PodStopQuery = Type.Object(
  {
    ...which,
    stopVm: Type.Optional(Type.String(until('0.8'))),
    stopVM: Type.Optional(Type.String(until('0.8'))),
  },
  { $id: 'PodStopQuery' },
);

/** A signal that cannot be read is SIGTERM. */
export const PodKillQuery = Type.Object(
  {
    ...which,
    container: Text(),
    signal: Type.Optional(Type.Integer(lenient())),
    /** A pod that does not run is an error. */
    isOlder: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'PodKillQuery' },
);

export const LabelsQuery = Type.Object(
  { ...which, labels: Type.Optional(Type.Record(Type.String(), Type.String(), json)), override: Text() },
  { $id: 'PodLabelsQuery' },
);

/** `all`: containers that are in no pod too. */
export const ListQuery = Type.Object(
  {
    item: Text(),
    pod: Text(),
    vm: Text(),
    all: Type.Boolean(),
    /** A pod or VM that nobody knows is an error. */
    isOlder: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'ListQuery' },
);

export const ServicesQuery = Type.Object(
  { ...which, services: Type.Optional(Type.Array(UserService, json)) },
  { $id: 'ServicesQuery' },
);

export const VmCreateQuery = Type.Object(
  { cpu: Type.Optional(Type.Integer()), mem: Type.Optional(Type.Integer()), async: Text() },
  { $id: 'VmCreateQuery' },
);

export const VmQuery = Type.Object({ vm: Text() }, { $id: 'VmQuery' });
