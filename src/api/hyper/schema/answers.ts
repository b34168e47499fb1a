import { Type } from '#api/dialect/type.ts';

/** `{}`. */
export const Nothing = Type.Object({}, { $id: 'Nothing' });

export const Created = Type.Object({ ID: Type.String() }, { $id: 'ContainerCreated' });

/** What came of an action (hyperd-api 0.3): here `Code` is always 0. */
export const Done = Type.Object(
  { Cause: Type.String(), Code: Type.Integer(), ID: Type.String() },
  { $id: 'Done' },
);

/** A bare integer. */
export const ExitCode = Type.Integer({ $id: 'ExitCode' });

/** A bare string. */
export const ExecCreated = Type.String({ $id: 'ExecCreated' });
