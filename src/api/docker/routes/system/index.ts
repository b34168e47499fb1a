import { auth, storedAuth } from './auth.ts';
import { systemDiskUsage } from './disk-usage.ts';
import { events } from './events.ts';
import { info } from './info.ts';
import { options } from './options.ts';
import { ping, pingHead } from './ping.ts';
import { PLUGIN_ROUTES } from './plugins.ts';
import { SWARM_ROUTES } from './swarm.ts';
import { version } from './version.ts';

export const SYSTEM_ROUTES = [
  ping,
  pingHead,
  version,
  info,
  systemDiskUsage,
  events,
  auth,
  storedAuth,
  options,
  ...PLUGIN_ROUTES,
  ...SWARM_ROUTES,
];
