import type { Static } from 'typebox';
import type { Container } from '#domain/container/container.ts';
import type { Exec } from '#domain/exec/exec.ts';
import type { ExecAnswer } from '#api/docker/schema/exec.ts';
import { parseDetachKeys } from '#formats/detach-keys/parse-detach-keys.ts';

/** Exec inspect; `container` is what clients before API 1.22 saw inside it. */
export const presentExec = (
  exec: Exec,
  container: Readonly<Record<string, unknown>>,
): Static<typeof ExecAnswer> => {
  const { config } = exec;
  const [entrypoint = '', ...args] = config.command;
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: config.tty,
      entrypoint,
      arguments: args,
      privileged: config.privileged,
      ...(config.user === '' ? {} : { user: config.user }),
    },
    OpenStdin: config.attachStdin,
    OpenStderr: config.attachStderr,
    OpenStdout: config.attachStdout,
    CanRemove: false,
    ContainerID: exec.containerId,
    DetachKeys: presentKeys(config.detachKeys),
    Pid: exec.pid,
    Container: container,
  };
};

/** Bytes of the keys in base64; '' when none were given. */
const presentKeys = (keys: string): string =>
  keys === '' ? '' : btoa(String.fromCharCode(...(parseDetachKeys(keys) ?? [])));

/** The container as the daemon of API 1.16 to 1.21 held it (docker-shapes.md 5). */
export const presentExecContainer = (
  container: Container,
  inspected: Readonly<Record<string, unknown>>,
): Record<string, unknown> => ({
  ...inspected,
  ID: container.id,
  HasBeenStartedBefore: container.state.startedAt !== 0,
  HasBeenManuallyStopped: container.state.stopRequested,
  ShmPath: '',
  MqueuePath: '',
  MountPoints: Object.fromEntries(
    container.mounts.map((mount) => [
      mount.destination,
      {
        Name: mount.name,
        Destination: mount.destination,
        Driver: mount.driver,
        RW: mount.writable,
        Source: mount.source,
        Relabel: '',
      },
    ]),
  ),
});
