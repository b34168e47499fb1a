import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { Nullable, NumericText } from '#api/dialect/schema.ts';
import { RESOURCE_MEMBERS } from './create-body.ts';

/** Limits, flat. */
export const UpdateBody = Type.Object(
  {
    ...RESOURCE_MEMBERS,
    PidsLimit: Type.Optional(Nullable(NumericText(), since('1.40'))),
    RestartPolicy: Type.Optional(
      Type.Object(
        { Name: Type.Optional(Type.String()), MaximumRetryCount: Type.Optional(NumericText()) },
        since('1.23'),
      ),
    ),
  },
  { $id: 'UpdateBody' },
);

export const UpdateAnswer = Type.Object(
  { Warnings: Nullable(Type.Array(Type.String())) },
  { $id: 'UpdateAnswer' },
);
