import type { Static } from 'typebox';
import { defineRoute, NEWEST, OLDEST } from '#api/docker/context.ts';
import type { DaemonFacts } from '#api/docker/context.ts';
import { VersionAnswer } from '#api/docker/schema/version.ts';
import type { MachineFacts, SystemInfo } from '#engine/engine.ts';

export const version = defineRoute({
  id: 'version',
  method: 'GET',
  path: '/version',
  summary: 'Versions of the engine and its parts',
  since: '1.0',
  replies: { 200: VersionAnswer },
  handler: async (_request, { engine, daemon }) => ({
    kind: 'json',
    status: 200,
    body: presentVersion(daemon, engine.system.facts(), await engine.system.info()),
  }),
});

const presentVersion = (
  daemon: DaemonFacts,
  facts: MachineFacts,
  info: SystemInfo,
): Static<typeof VersionAnswer> => {
  const shared = {
    GitCommit: daemon.gitCommit,
    GoVersion: `node-${process.versions.node}`,
    Os: 'linux',
    Arch: facts.architecture,
    KernelVersion: facts.kernelVersion,
    BuildTime: daemon.buildTime,
  };
  return {
    Platform: { Name: 'Gantry' },
    Components: [
      {
        Name: 'Engine',
        Version: daemon.version,
        Details: { ...shared, ApiVersion: NEWEST, MinAPIVersion: OLDEST, Experimental: 'false' },
      },
      ...Object.entries(info.runtimeParts).map(([Name, Version]) => ({ Name, Version, Details: {} })),
    ],
    Version: daemon.version,
    ApiVersion: NEWEST,
    MinAPIVersion: OLDEST,
    ...shared,
    MemoryLimit: facts.cgroup.controllers.includes('memory'),
    SwapLimit: facts.cgroup.swapAccounting,
  };
};
