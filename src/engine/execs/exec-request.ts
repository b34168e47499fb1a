import type { Container } from '#domain/container/container.ts';
import type { ExecConfig } from '#domain/exec/exec.ts';
import type { RuntimeExec } from '#engine/ports/container-runtime.ts';
import type { MachineFacts } from '#engine/ports/machine.ts';
import { planCapabilities } from '#engine/containers/spec/capabilities.ts';
import { buildEnvironment, overlay } from '#engine/containers/spec/environment.ts';
import { resolveUser } from '#engine/containers/spec/resolve-user.ts';
import type { UserFiles } from '#engine/containers/spec/resolve-user.ts';
import { parseSecurityOptions } from '#engine/containers/spec/security-options.ts';

export type ExecInput = {
  readonly container: Container;
  readonly config: ExecConfig;
  readonly users: UserFiles;
  readonly facts: MachineFacts;
  readonly consoleSize?: readonly [number, number];
  readonly detached: boolean;
};

/** What the runtime needs to run a command in a running container (docker-semantics.md 11.1). */
export const buildExecRequest = ({
  container,
  config,
  users,
  facts,
  consoleSize,
  detached,
}: ExecInput): RuntimeExec => {
  const groups = config.user === '' ? container.host.groupAdd : [];
  const user = resolveUser(config.user === '' ? container.config.user : config.user, groups, users);
  const size = consoleSize ?? config.consoleSize;
  return {
    args: config.command,
    env: buildEnvironment({
      env: overlay(container.config.env, config.env),
      hostname: container.config.hostname,
      domainname: container.config.domainname,
      tty: config.tty,
      home: user.home,
    }),
    cwd: [config.workingDir, container.config.workingDir, '/'].find((path) => path !== '') ?? '/',
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    capabilities: capabilitiesOf(container, config, user.uid, facts),
    noNewPrivileges: parseSecurityOptions(container.host.securityOpt).noNewPrivileges,
    tty: config.tty,
    attachStdin: config.attachStdin,
    detached,
    ...(size === undefined || size[0] === 0 ? {} : { consoleSize: { rows: size[0], columns: size[1] } }),
  };
};

const capabilitiesOf = (
  container: Container,
  config: ExecConfig,
  uid: number,
  facts: MachineFacts,
): readonly string[] => {
  const privileged = config.privileged || container.host.privileged;
  const { granted } = planCapabilities({ ...container.host, privileged }, facts.capabilities);
  return uid === 0 || config.privileged ? granted : [];
};
