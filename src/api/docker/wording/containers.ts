import { SETTINGS_WORDING } from './container-settings.ts';
import { startFailure } from './start-failure.ts';
import { UPDATE_WORDING } from './update.ts';
import type { Wording, WordingInput } from './wording.ts';

const text =
  (message: (params: WordingInput['params'], input: WordingInput) => string, status?: number): Wording =>
  (input) => ({ message: message(input.params, input), ...(status === undefined ? {} : { status }) });

/** Kill says whom it was about before it says what was wrong. */
const killed = (words: string, { place }: WordingInput): string =>
  place.route === 'container-kill' ? `cannot kill container: ${place.params['name'] ?? ''}: ${words}` : words;

const renamed = (words: string, { place }: WordingInput): string =>
  place.route === 'container-rename' ? `Error when allocating new name: ${words}` : words;

/** What the state is called where a removal is refused. */
const refusalOf = (status: unknown): string =>
  status === 'paused'
    ? 'container is paused and must be unpaused first'
    : `container is ${String(status)}: stop the container before removing or force remove`;

/** Today's words for what can go wrong with containers and execs. */
export const CONTAINER_WORDING: Readonly<Record<string, Wording>> = {
  ...SETTINGS_WORDING,
  'container.not-found': text(({ ref }) => `No such container: ${ref}`),
  'container.ambiguous': text(({ ref }) => `multiple IDs found with provided prefix: ${ref}`),
  'container.empty-ref': text(() => 'invalid name or ID supplied: ""'),
  'container.name-invalid': text(({ name }, input) =>
    renamed(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, input),
  ),
  'container.name-in-use': text(({ name, id }, input) =>
    renamed(
      `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
      input,
    ),
  ),
  'container.name-kept': text(() => 'Renaming a container with the same name as its current name'),
  'container.name-empty': text(() => 'Neither old nor new names may be empty'),
  'container.not-running': text(({ id }, input) => killed(`container ${id} is not running`, input)),
  'container.paused': text(({ id }, { place }) =>
    place.route === 'container-start'
      ? 'cannot start a paused container, try unpause instead'
      : `container ${id} is paused, unpause the container ${place.route === 'container-attach' ? 'before attach' : 'first'}`,
  ),
  'container.already-paused': text(({ id }) => `Container ${id} is already paused`),
  'container.not-paused': text(({ id }) => `Container ${id} is not paused`),
  'container.restarting': text(
    ({ id }, { place }) =>
      `${place.route === 'container-attach' ? 'container' : 'Container'} ${id} is restarting, wait until the container is running`,
  ),
  'container.dead': text(() => 'container is marked for removal and cannot be started'),
  'container.running': text(({ name, status }) => `cannot remove container "${name}": ${refusalOf(status)}`),
  'container.removal-in-progress': text(({ ref }) => `removal of container ${ref} is already in progress`),
  'container.kill-failed': text(
    (_params, { place }) =>
      `cannot stop container: ${place.params['name'] ?? ''}: tried to kill container, but did not receive an exit event`,
  ),
  ...UPDATE_WORDING,
  'container.start-failed': startFailure,
  'signal.unknown': text(({ signal }, input) => killed(`invalid signal: ${signal}`, input)),
  'link.not-found': text(({ ref }) => `No such link: ${ref}`),
  'link.own-name': text(() => 'Conflict, cannot remove the default name of the container'),
  'link.no-parent': text(
    ({ ref, parent }) => `Cannot get parent /${parent} for name /${String(ref).replace(/^\//u, '')}`,
    500,
  ),
  'link.format': text(({ text: given }) =>
    given === '' ? 'empty string specified for links' : `bad format for links: ${given}`,
  ),
  'link.child-missing': text(({ ref }) => `could not get container for ${ref}: No such container: ${ref}`),
  'exec.not-found': text(({ id }) => `No such exec instance: ${id}`),
  'exec.no-command': text(() => 'No exec command specified'),
  'exec.container-not-running': text(({ id }) => `container ${id} is not running`),
  'exec.container-paused': text(({ ref }) => `container ${ref} is paused, unpause the container before exec`),
  'exec.already-started': text(({ id, running }) =>
    running === true ? `exec command ${id} is already running` : `exec command ${id} has already run`,
  ),
  'exec.start-failed': text(
    ({ detail }) =>
      `OCI runtime exec failed: exec failed: unable to start container process: ${detail}: unknown`,
  ),
  'exec.not-running': text(({ id }) => `exec process ${id} is not running`),
  'logs.unreadable': text(() => 'configured logging driver does not support reading'),
  'time.invalid': text(
    ({ name, value }) => `invalid value for "${name}": strconv.ParseInt: parsing "${value}": invalid syntax`,
  ),
};
