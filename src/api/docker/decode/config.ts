import type { Static } from 'typebox';
import type { ContainerConfig, Healthcheck } from '#domain/container/config.ts';
import type { CommitBody } from '#api/docker/schema/commit.ts';
import type { Healthcheck as HealthcheckSchema } from '#api/docker/schema/config.ts';
import { decodePortKeys, decodePortSpecs } from './ports.ts';

type Body = Static<typeof CommitBody>;

/** The flat configuration of a create or commit body in the engine's words. */
export const decodeConfig = (body: Body): ContainerConfig => ({
  hostname: body.Hostname ?? '',
  domainname: body.Domainname ?? '',
  user: body.User ?? '',
  ...decodeStreams(body),
  exposedPorts: decodePortKeys([
    ...Object.keys(body.ExposedPorts ?? {}),
    ...Object.keys(decodePortSpecs(body.PortSpecs ?? [])),
  ]),
  env: body.Env ?? [],
  cmd: body.Cmd ?? null,
  image: body.Image ?? '',
  volumes: Object.keys(body.Volumes ?? {}),
  workingDir: body.WorkingDir ?? '',
  entrypoint: body.Entrypoint ?? null,
  networkDisabled: body.NetworkDisabled ?? false,
  macAddress: body.MacAddress ?? '',
  onBuild: body.OnBuild ?? [],
  labels: body.Labels ?? {},
  ...(body.StopSignal === undefined || body.StopSignal === '' ? {} : { stopSignal: body.StopSignal }),
  ...(body.StopTimeout === undefined || body.StopTimeout === null
    ? {}
    : { stopTimeoutSeconds: body.StopTimeout }),
  ...(body.Healthcheck === undefined ? {} : { healthcheck: decodeHealthcheck(body.Healthcheck) }),
  ...(body.Shell === undefined ? {} : { shell: body.Shell }),
});

const decodeStreams = (
  body: Body,
): Pick<
  ContainerConfig,
  'attachStdin' | 'attachStdout' | 'attachStderr' | 'tty' | 'openStdin' | 'stdinOnce'
> => ({
  attachStdin: body.AttachStdin ?? false,
  attachStdout: body.AttachStdout ?? false,
  attachStderr: body.AttachStderr ?? false,
  tty: body.Tty ?? false,
  openStdin: body.OpenStdin ?? false,
  stdinOnce: body.StdinOnce ?? false,
});

export const decodeHealthcheck = (check: Static<typeof HealthcheckSchema>): Healthcheck => ({
  test: check.Test ?? [],
  intervalNs: check.Interval ?? 0,
  timeoutNs: check.Timeout ?? 0,
  startPeriodNs: check.StartPeriod ?? 0,
  startIntervalNs: check.StartInterval ?? 0,
  retries: check.Retries ?? 0,
});
