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

/** The table's rows by subject. */
export const SCENARIO_GROUPS: Readonly<Record<string, readonly Scenario[]>> = {
  running: RUNNING,
  streams: STREAMS,
  life: LIFE,
  listing: LISTING,
  links: LINKS,
  settings: SETTINGS,
  network: NETWORK,
  volumes: VOLUME,
  health: HEALTH,
  files: FILES,
  watch: WATCH,
  images: IMAGES,
  registries: REGISTRIES,
};

/** All rows. */
export const SCENARIOS: readonly Scenario[] = Object.values(SCENARIO_GROUPS).flat();
