import type { Container } from '#domain/container/container.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { ContainerRecords } from '#engine/containers/records.ts';

/** `parent/alias` of every link to a container. */
export const linkNames = (records: ContainerRecords, id: ContainerId): string[] =>
  parentsOf(records, id).flatMap(({ name, links = [] }) =>
    links.filter(({ childId }) => childId === id).map(({ alias }) => `${name}/${alias}`),
  );

/** `/child:/parent/alias` of every link of a container. A child that is gone took its links along. */
export const shownLinks = (records: ContainerRecords, { name, links = [] }: Container): string[] =>
  links.flatMap(({ alias, childId }) => {
    const child = records.find(childId);
    return child === undefined ? [] : [`/${child.name}:/${name}/${alias}`];
  });

/** Containers with a link to this one. */
export const parentsOf = (records: ContainerRecords, id: ContainerId): Container[] =>
  records.parents().filter(({ links = [] }) => links.some(({ childId }) => childId === id));
