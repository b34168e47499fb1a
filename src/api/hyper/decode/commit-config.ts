import type { Static } from 'typebox';
import type { ContainerConfig } from '#domain/container/config.ts';
import type { CommitBody } from '#api/hyper/schema/commit-body.ts';

/** Docker's words to ours; where they are silent the container's own configuration holds. */
export const decodeCommitConfig = (body: Static<typeof CommitBody>): ContainerConfig => ({
  hostname: '',
  domainname: '',
  user: body.User ?? '',
  attachStdin: false,
  attachStdout: false,
  attachStderr: false,
  exposedPorts: Object.keys(body.ExposedPorts ?? {}),
  tty: false,
  openStdin: false,
  stdinOnce: false,
  env: body.Env ?? [],
  cmd: body.Cmd ?? null,
  image: '',
  volumes: Object.keys(body.Volumes ?? {}),
  workingDir: body.WorkingDir ?? '',
  entrypoint: body.Entrypoint ?? null,
  networkDisabled: false,
  macAddress: '',
  onBuild: [],
  labels: body.Labels ?? {},
  ...(body.StopSignal === undefined || body.StopSignal === '' ? {} : { stopSignal: body.StopSignal }),
});
