import type { EngineEvent } from '#domain/event/event.ts';
import type { Image } from '#domain/image/image.ts';

/** News about an image: its labels and a name (docker-modern.md 3.5). */
export const imageEvent = (
  action: string,
  image: Pick<Image, 'id' | 'config'>,
  name: string,
  actorId: string = image.id,
): Omit<EngineEvent, 'at'> => ({
  type: 'image',
  action,
  actorId,
  attributes: { ...image.config.labels, name },
});
