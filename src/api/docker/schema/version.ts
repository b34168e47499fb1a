import { Type } from '#api/dialect/type.ts';
import { since, until } from '#api/dialect/lifetime.ts';

/** docker-shapes.md 11, docker-modern.md 2.1. `GoVersion` is what clients print as the engine's build tool. */
export const VersionAnswer = Type.Object(
  {
    Platform: Type.Optional(Type.Object({ Name: Type.String() }, since('1.35'))),
    Components: Type.Optional(
      Type.Array(
        Type.Object({
          Name: Type.String(),
          Version: Type.String(),
          Details: Type.Optional(Type.Record(Type.String(), Type.String())),
        }),
        since('1.35'),
      ),
    ),
    Version: Type.String(),
    ApiVersion: Type.String(since('1.10')),
    MinAPIVersion: Type.Optional(Type.String(since('1.25'))),
    GitCommit: Type.String(),
    GoVersion: Type.String(),
    Os: Type.String(since('1.8')),
    Arch: Type.String(since('1.8')),
    KernelVersion: Type.Optional(Type.String(since('1.8'))),
    Experimental: Type.Optional(Type.Boolean(since('1.19'))),
    BuildTime: Type.Optional(Type.String(since('1.20'))),
    MemoryLimit: Type.Optional(Type.Boolean(until('1.1'))),
    SwapLimit: Type.Optional(Type.Boolean(until('1.1'))),
  },
  { $id: 'VersionAnswer' },
);
