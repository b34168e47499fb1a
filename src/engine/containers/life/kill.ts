import type { Container } from '#domain/container/container.ts';
import { parseSignal, SIGKILL } from '#domain/container/signals.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import { announce } from '#engine/containers/announce.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { permit } from '#engine/containers/permit.ts';
import { deliver } from './deliver.ts';
import { halt } from './halt.ts';
import { cancelRestart } from './restart-later.ts';

/** SIGKILL waits for the end; any other signal is only delivered (docker-semantics.md 3.4). */
export const kill = async (
  world: ContainerContext,
  ref: string,
  signalText: string | undefined,
): Promise<void> => {
  const isDefault = signalText === undefined || signalText === '';
  const signal = isDefault ? SIGKILL : parseSignal(signalText);
  const id = world.records.idOf(ref);
  if (signal === SIGKILL) await halt(world, id, { ref, command: 'kill', signal, waitMs: 0 });
  else await send(world, id, ref, signal);
};

const send = (world: ContainerContext, id: string, ref: string, signal: number): Promise<void> =>
  world.locks.run(id, async () => {
    const container = world.records.known(id, ref);
    permit(container, 'kill', ref);
    if (container.state.status === 'restarting') {
      cancelRestart(world, container);
      announce(world, 'kill', container, { signal: String(signal) });
      return;
    }
    try {
      await deliver(world, container, signal, { passing: isPassing(container, signal) });
    } catch (error) {
      if (!isEngineError(error) || error.code !== 'runtime.not-running') throw error;
      throw engineError('container.not-running', { id, ref, name: container.name, status: 'exited' }, error);
    }
  });

/** Whoever names a stop signal has other uses for the others: the restart policy goes on. */
const isPassing = ({ config }: Container, signal: number): boolean =>
  config.stopSignal !== undefined && config.stopSignal !== '' && parseSignal(config.stopSignal) !== signal;
