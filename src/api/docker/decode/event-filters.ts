import type { FilterMap } from '#api/dialect/schema.ts';
import type { EngineEvent } from '#domain/event/event.ts';

/** Actions that carry more text: `exec_create: sh -c ls` is matched by `exec_create`. */
const PREFIXED = /^(exec_create|exec_start|health_status)(?::.*)?$/s;

/** docker-modern.md 3.5: OR inside one key (labels AND), AND between keys. Keys nobody knows match everything. */
export const eventFilter = (filters: FilterMap): ((event: EngineEvent) => boolean) => {
  const tests = Object.entries(filters).flatMap(([key, values]) => {
    const test = TESTS[key];
    if (test === undefined || values.length === 0) return [];
    return key === 'label'
      ? [(event: EngineEvent) => values.every((value) => test(event, value))]
      : [(event: EngineEvent) => values.some((value) => test(event, value))];
  });
  return (event) => tests.every((test) => test(event));
};

type Test = (event: EngineEvent, value: string) => boolean;

const isActor =
  (type: EngineEvent['type']): Test =>
  (event, value) =>
    event.type === type &&
    (event.actorId === value ||
      event.attributes['name'] === value.replace(/^\//, '') ||
      isIdPrefix(event.actorId, value));

const isIdPrefix = (id: string, value: string): boolean =>
  /^[0-9a-f]{4,64}$/.test(value) && id.startsWith(value);

const TESTS: Readonly<Record<string, Test>> = {
  type: (event, value) => event.type === value,
  event: (event, value) => event.action === value || PREFIXED.exec(event.action)?.[1] === value,
  container: isActor('container'),
  network: isActor('network'),
  volume: isActor('volume'),
  daemon: isActor('daemon'),
  image: (event, value) => imageNames(event).some((name) => name === value || withoutTag(name) === value),
  label: (event, value) => {
    const [key = '', ...rest] = value.split('=');
    const held = event.attributes[key];
    return held !== undefined && (rest.length === 0 || held === rest.join('='));
  },
  scope: (_event, value) => value === 'local',
};

const imageNames = (event: EngineEvent): string[] => {
  if (event.type === 'image') return [event.actorId, event.attributes['name'] ?? ''].map(familiarName);
  return event.type === 'container' ? [event.attributes['image'] ?? ''] : [];
};

/** Names are stored in full and filtered as people type them. */
const familiarName = (name: string): string => name.replace(/^docker\.io\/(?:library\/)?/, '');

const withoutTag = (name: string): string => name.replace(/(?::[^/:]+|@.+)$/, '');
