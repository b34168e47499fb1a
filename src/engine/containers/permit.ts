import type { Container } from '#domain/container/container.ts';
import { LIFECYCLE } from '#domain/container/lifecycle.ts';
import type { LifeCommand } from '#domain/container/lifecycle.ts';
import { engineError } from '#domain/error/catalogue.ts';

/** Throws what the life table says against the command; `ref` is how the client named the container. */
export const permit = (container: Container, command: LifeCommand, ref: string = container.id): void => {
  const verdict = LIFECYCLE[container.state.status][command];
  if (!('refuse' in verdict)) return;
  throw engineError(verdict.refuse, {
    id: container.id,
    ref,
    name: container.name,
    status: container.state.status,
    exitCode: container.state.exitCode,
  });
};
