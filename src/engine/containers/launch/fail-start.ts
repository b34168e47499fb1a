import { atRest } from '#domain/container/exit-state.ts';
import type { Container } from '#domain/container/container.ts';
import { exitCodeOfFailure } from '#domain/container/start-failure.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { withoutWish } from '#domain/container/life/wish.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { release } from './release.ts';

type Failure = {
  readonly before: Container;
  /** The record as far as the start had come: names what is to be released. */
  readonly tried: Container;
  readonly error: unknown;
};

/**
 * Takes a failed start back and stores why. The container keeps the state it had (a first start
 * leaves it `created`), with exit code 127, 126 or 128 as a shell would say it.
 */
export const failStart = async (
  world: ContainerContext,
  { before, tried, error }: Failure,
): Promise<EngineError> => {
  await release(world, tried);
  await world.streams.afterExit(before.id);
  const detail = detailOf(error);
  const exitCode = exitCodeOfFailure(detail, isFromRuntime(error));
  const status = before.state.status === 'created' ? 'created' : 'exited';
  const inner =
    error instanceof EngineError ? { ...targetOf(error.params), reason: error.code } : { reason: 'internal' };
  const failure = { ...inner, id: before.id, name: before.name, exitCode, detail };
  const rested = atRest(withoutWish(before), { status, exitCode, error: detail, failure });
  const failed = world.records.put(rested, 'anyhow');
  announce(world, 'die', failed, { exitCode: String(exitCode), execDuration: '0' });
  return engineError('container.start-failed', failure, error);
};

const isFromRuntime = (error: unknown): boolean =>
  error instanceof EngineError && error.code.startsWith('runtime.');

/** The runtime's own words where there are some: clients look for them. */
const detailOf = (error: unknown): string => {
  if (error instanceof EngineError && typeof error.params['detail'] === 'string')
    return error.params['detail'];
  return error instanceof Error ? error.message : String(error);
};

/** The inner error's `id` names another container. */
const targetOf = ({ id, ...rest }: ErrorParams): ErrorParams =>
  id === undefined ? rest : { ...rest, target: id };
