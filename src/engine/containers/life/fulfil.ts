import type { Container } from '#domain/container/container.ts';
import { isLive } from '#domain/container/lifecycle.ts';
import { shortId } from '#domain/container/names.ts';
import type { Wish } from '#domain/container/life/wish.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { halt } from './halt.ts';
import { remove } from './remove.ts';
import { restart } from './stop.ts';
import { applyLimits } from './update.ts';

/** Goes on with what clients had asked the last daemon for; in the background, as a grace may be long. Says what. */
export const fulfilWishes = (world: ContainerContext): string[] =>
  world.records.list().flatMap((container) => {
    const { id, wish } = container;
    if (wish === undefined) return [];
    void fulfil(world, container, wish).catch((error: unknown) => {
      // It may have ended, or be gone, by now.
      if (isEngineError(error, 'conflict') || isEngineError(error, 'unchanged')) return;
      world.log('warn', 'what was asked of a container could not be finished', { container: id, error });
    });
    return [`container ${shortId(id)}: ${WORDS[wish.kind]}`];
  });

const WORDS: Readonly<Record<Wish['kind'], string>> = {
  end: 'goes on with its stop',
  restart: 'goes on with its restart',
  remove: 'goes on with its removal',
  limit: 'gets the limits that it was to have',
};

const fulfil = async (world: ContainerContext, { id, state }: Container, wish: Wish): Promise<unknown> => {
  switch (wish.kind) {
    case 'end': {
      const { signal, waitMs } = wish;
      return isLive(state.status) ? halt(world, id, { ref: id, command: 'stop', signal, waitMs }) : undefined;
    }
    case 'restart': {
      const { kind: _done, ...options } = wish;
      return restart(world, id, options);
    }
    case 'remove': {
      return remove(world, id, { force: true, volumes: wish.volumes, link: false });
    }
    case 'limit': {
      return applyLimits(world, id);
    }
  }
};
