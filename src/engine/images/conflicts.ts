import type { Container } from '#domain/container/container.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import type { Image } from '#domain/image/image.ts';
import type { ImagesContext } from './images-world.ts';
import { imageKey } from './leases.ts';
import { shortId } from './resolve.ts';

type ConflictWorld = Pick<ImagesContext, 'state' | 'containers' | 'leases'>;

type ConflictOptions = {
  /** Overlook what can be forced. */
  readonly force: boolean;
  readonly ignoreNames: boolean;
};

/**
 * Why an image must not go (docker-semantics.md 13.3, 4 and 5). `conflict`, code `image.in-use`,
 * params id, reason, canBeForced, cause (`held`, `children`, `running`, `named`, `stopped`) and the short id
 * of the container ('' where none is the cause).
 */
export const checkConflicts = (world: ConflictWorld, image: Image, options: ConflictOptions): void => {
  const hard = hardReason(world, image);
  if (hard !== undefined) throw inUse(image, hard, false);
  const soft = options.force ? undefined : softReason(world, image, options.ignoreNames);
  if (soft !== undefined) throw inUse(image, soft, true);
};

/** `conflict`, code `image.name-in-use`: the last name of an image that a container uses. */
export const nameInUse = (ref: string, containerId: string, imageId: string): EngineError => {
  const [container, image] = [shortId(containerId), shortId(imageId)];
  return new EngineError(
    'conflict',
    'image.name-in-use',
    `conflict: unable to remove repository reference "${ref}" (must force) - container ${container} is using its referenced image ${image}`,
    { params: { ref, container, image } },
  );
};

type Reason = {
  readonly cause: 'held' | 'children' | 'running' | 'named' | 'stopped';
  readonly text: string;
  readonly container?: string;
};

const hardReason = (world: ConflictWorld, image: Image): Reason | undefined => {
  if (world.leases.isHeld(imageKey(image.id))) {
    return { cause: 'held', text: 'image is held by an ongoing pull or build' };
  }
  if (world.state.images.list().some(({ parentId }) => parentId === image.id)) {
    return { cause: 'children', text: 'image has dependent child images' };
  }
  const running = usersOf(world, image).find(isRunning);
  return running && usedBy('running', running);
};

const usedBy = (cause: 'running' | 'stopped', { id }: User): Reason => {
  const container = shortId(id);
  return { cause, container, text: `image is being used by ${cause} container ${container}` };
};

const softReason = (world: ConflictWorld, image: Image, ignoreNames: boolean): Reason | undefined => {
  const isNamed = world.state.references.list().some(({ imageId }) => imageId === image.id);
  if (isNamed && !ignoreNames)
    return { cause: 'named', text: 'image is referenced in multiple repositories' };
  const stopped = usersOf(world, image).find((container) => !isRunning(container));
  return stopped && usedBy('stopped', stopped);
};

type User = Pick<Container, 'id' | 'imageId' | 'state'>;

const usersOf = ({ containers }: ConflictWorld, image: Image): User[] =>
  containers().filter(({ imageId }) => imageId === image.id);

const isRunning = ({ state }: User): boolean =>
  state.status === 'running' || state.status === 'paused' || state.status === 'restarting';

const inUse = (image: Image, why: Reason, canBeForced: boolean): EngineError => {
  const id = shortId(image.id);
  const { cause, text: reason, container = '' } = why;
  return new EngineError(
    'conflict',
    'image.in-use',
    `conflict: unable to delete ${id} (${canBeForced ? 'must be forced' : 'cannot be forced'}) - ${reason}`,
    { params: { id, reason, canBeForced, cause, container } },
  );
};
