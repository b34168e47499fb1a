import { Type } from '#api/dialect/type.ts';
import { CONFIG_MEMBERS } from './create-body.ts';

/** Routes of images that only the oldest clients call (docker-routes.md R31, R33, R43). */

export const InsertQuery = Type.Object({ url: Type.String(), path: Type.String() }, { $id: 'InsertQuery' });

export const GetCacheBody = Type.Object(
  { Id: Type.Optional(Type.String()), ...CONFIG_MEMBERS },
  { $id: 'GetCacheBody' },
);

export const GetCacheAnswer = Type.Object({ Id: Type.String() }, { $id: 'GetCacheAnswer' });
