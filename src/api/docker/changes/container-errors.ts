import type { Change } from '#api/dialect/change.ts';
import { errorText } from '#api/dialect/change.ts';
import { LOOKUP_SENTENCES } from './errors/lookup.ts';
import { REMOVE_SENTENCES } from './errors/remove.ts';
import { CREATE_SENTENCES } from './errors/create.ts';
import { EXEC_SENTENCES } from './errors/exec.ts';
import { REFERENCE_SENTENCES } from './errors/reference.ts';
import { STATE_SENTENCES } from './errors/state.ts';
import { sentences } from './sentence.ts';

/** Refusals that had no status of their own. */
const UNTYPED = [
  'refused',
  'filter.value',
  'container.ambiguous',
  'container.empty-ref',
  'container.name-invalid',
  'container.name-empty',
  'container.not-running',
  'container.paused',
  'container.already-paused',
  'container.not-paused',
  'container.dead',
  'signal.unknown',
  'exec.no-command',
  'config.empty',
  'config.working-dir',
  'config.no-command',
  'config.restart-policy',
  'config.retry-count',
  'config.port',
  'config.host-ip',
  'config.extra-host',
  'config.mac-address',
  'config.device',
  'memory.minimum',
  'memory.swap-below-memory',
  'memory.swap-without-memory',
  'memory.swappiness',
  'memory.reservation-above-memory',
  'cpu.period',
  'cpu.quota',
  'cpuset.invalid',
  'cpuset.unavailable',
  'blkio.weight',
  'ulimit.invalid',
  'capability.unknown',
  'log.unknown-driver',
  'log.unknown-option',
  'log.option-value',
  'mount.bad-spec',
  'mount.bad-mode',
  'mount.destination',
  'mount.duplicate',
  'mount.over-file',
  'mount.volumes-from',
  'network-mode.no-target',
  'namespace-mode.invalid',
  'time.invalid',
];

const untypedWereInternal = errorText({
  id: 'container-refusals-were-500',
  in: '1.24',
  codes: UNTYPED,
  why: 'errors without a type of their own were 500',
  source: 'docker-routes.md 3.5, 3.6',
  older: () => ({ status: 500 }),
  examples: [{ params: {}, older: { status: 500 } }],
});

/** Words of the engines of API 1.0 to 1.21 (docker-routes.md 3.6 and R03 to R29), and of 1.41. */
export const CONTAINER_ERROR_CHANGES: readonly Change[] = [
  untypedWereInternal,
  ...sentences(
    'docker-routes.md 3.6, docker-semantics.md 1',
    'lookups and names were worded otherwise',
    LOOKUP_SENTENCES,
  ),
  ...sentences(
    'docker-routes.md 3.6, R11 to R17',
    'refusals by state were worded otherwise',
    STATE_SENTENCES,
  ),
  ...sentences('docker-routes.md R21', 'removing what runs was refused in other words', REMOVE_SENTENCES),
  ...sentences('docker-routes.md R26 to R29', 'refusals of execs were worded otherwise', EXEC_SENTENCES),
  ...sentences('docker-semantics.md 2', 'refusals at create were worded otherwise', CREATE_SENTENCES),
  ...sentences(
    'docker-semantics.md 2.3, 11.2',
    'names and instructions were refused otherwise',
    REFERENCE_SENTENCES,
  ),
];
