import { Type } from '#api/dialect/type.ts';
import { since } from '#api/dialect/lifetime.ts';
import { internal, json } from '#api/dialect/schema.ts';
import { CONFIG_MEMBERS } from './create-body.ts';

/** A configuration, as commit takes it: what is silent comes from the container. */
export const CommitBody = Type.Object({ ...CONFIG_MEMBERS }, { $id: 'CommitBody' });

export const CommitQuery = Type.Object(
  {
    container: Type.Optional(Type.String()),
    repo: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    author: Type.Optional(Type.String()),
    comment: Type.Optional(Type.String()),
    /** What the documents of old versions call the comment. */
    m: Type.Optional(Type.String()),
    /** The body of the first clients. */
    run: Type.Optional(Type.Object({ ...CONFIG_MEMBERS }, { ...json })),
    pause: Type.Optional(Type.Boolean(since('1.13'))),
    changes: Type.Optional(Type.Array(Type.String(), since('1.18'))),
    /** Silence meant that the container goes on. */
    staysRunning: Type.Optional(Type.Boolean(internal)),
  },
  { $id: 'CommitQuery' },
);

export const CommitAnswer = Type.Object({ Id: Type.String() }, { $id: 'CommitAnswer' });
