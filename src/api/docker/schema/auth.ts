import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { internal } from '#api/dialect/schema.ts';

/** docker-shapes.md 21; `identitytoken` and `registrytoken` came with 1.22 and 1.23. */
export const AuthBody = Type.Object(
  {
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    email: Type.Optional(Type.String()),
    serveraddress: Type.Optional(Type.String()),
    auth: Type.Optional(Type.String()),
    identitytoken: Type.Optional(Type.String()),
    registrytoken: Type.Optional(Type.String()),
    /** The daemon keeps the login for later requests. */
    keepsLogin: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'AuthBody' },
);

export const AuthAnswer = Type.Object(
  { Status: Type.String(), IdentityToken: Type.Optional(Type.String(since('1.23'))) },
  { $id: 'AuthAnswer' },
);

/** What API 1.0 and 1.1 tell of the login they keep. */
export const StoredLogin = Type.Object(
  { username: Type.String(), email: Type.String() },
  { $id: 'StoredLogin' },
);
