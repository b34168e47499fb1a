import { FILES } from './files.ts';
import { HEALTH } from './health.ts';
import { IMAGES } from './images.ts';
import { LIFE } from './life.ts';
import { LINKS } from './links.ts';
import { LISTING } from './listing.ts';
import { NETWORK } from './network.ts';
import { REGISTRIES } from './registries.ts';
import { RUNNING } from './running.ts';
import type { Scenario } from './scenario.ts';
import { SETTINGS } from './settings.ts';
import { STREAMS } from './streams.ts';
import { VOLUME } from './volume.ts';
import { WATCH } from './watch.ts';

/** The table's rows. */
export const SCENARIOS: readonly Scenario[] = [
  ...RUNNING,
  ...STREAMS,
  ...LIFE,
  ...LISTING,
  ...LINKS,
  ...SETTINGS,
  ...NETWORK,
  ...VOLUME,
  ...HEALTH,
  ...FILES,
  ...WATCH,
  ...IMAGES,
  ...REGISTRIES,
];
