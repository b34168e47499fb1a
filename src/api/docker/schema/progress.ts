import { Type } from '#api/dialect/type.ts';
import { since, until } from '#api/dialect/lifetime.ts';

/** One object of a pull, import, load or build stream (docker-shapes.md 12a). */
export const ProgressFrame = Type.Object(
  {
    stream: Type.Optional(Type.String(since('1.8'))),
    status: Type.Optional(Type.String()),
    progressDetail: Type.Optional(
      Type.Object(
        { current: Type.Optional(Type.Integer()), total: Type.Optional(Type.Integer()) },
        since('1.8'),
      ),
    ),
    progress: Type.Optional(Type.String()),
    id: Type.Optional(Type.String(since('1.4'))),
    errorDetail: Type.Optional(
      Type.Object({ code: Type.Optional(Type.Integer()), message: Type.String() }, since('1.6')),
    ),
    error: Type.Optional(Type.String()),
    /** Twelve digits: what `insert` ends with. */
    Id: Type.Optional(Type.String(until('1.12'))),
  },
  { $id: 'ProgressFrame' },
);
