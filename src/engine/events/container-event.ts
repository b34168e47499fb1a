import type { Container } from '#domain/container/container.ts';
import type { EngineEvent } from '#domain/event/event.ts';

/** News of a container: its labels, image and name besides what the action itself says (docker-modern.md 3.5). */
export const containerEvent = (
  action: string,
  container: Pick<Container, 'id' | 'name' | 'config'>,
  attributes: Readonly<Record<string, string>> = {},
): Omit<EngineEvent, 'at'> => ({
  type: 'container',
  action,
  actorId: container.id,
  attributes: {
    ...container.config.labels,
    image: container.config.image,
    name: container.name,
    ...attributes,
  },
});
