import type { Pod } from '#domain/pod/pod.ts';
import type { EngineWorld } from '#engine/world.ts';

/** News of a pod: its name and labels, and whatever belongs to the action. */
export const announcePod = (
  { events }: Pick<EngineWorld, 'events'>,
  action: string,
  pod: Pod,
  attributes: Readonly<Record<string, string>> = {},
): void =>
  events.publish({
    type: 'pod',
    action,
    actorId: pod.id,
    attributes: { ...pod.spec.labels, name: pod.name, ...attributes },
  });
