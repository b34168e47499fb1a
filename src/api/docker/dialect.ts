import type { DialectSpec } from '#api/dialect/dialect.ts';
import { AUTH_CHANGES } from './changes/auth.ts';
import { CONTAINER_CHANGES } from './changes/containers.ts';
import { DISK_USAGE_CHANGES } from './changes/disk-usage.ts';
import { ERROR_CHANGES } from './changes/error.ts';
import { EVENT_CHANGES } from './changes/event.ts';
import { IMAGE_CHANGES } from './changes/images/index.ts';
import { INFO_CHANGES } from './changes/info.ts';
import { NETWORK_CHANGES } from './changes/networks.ts';
import { VOLUME_CHANGES } from './changes/volumes.ts';
import { NEWEST, OLDEST } from './context.ts';
import type { DockerContext } from './context.ts';
import { errorReply, presentError } from './errors.ts';
import { CONTAINER_ROUTES } from './routes/containers/index.ts';
import { EXEC_ROUTES } from './routes/execs/index.ts';
import { IMAGE_ROUTES } from './routes/images/index.ts';
import { NETWORK_ROUTES } from './routes/networks/index.ts';
import { VOLUME_ROUTES } from './routes/volumes/index.ts';
import { PLANNED_ROUTES } from './routes/planned.ts';
import { SYSTEM_ROUTES } from './routes/system/index.ts';
import { versionAsked } from './version-asked.ts';

/** The Docker Remote API, 1.0 to 1.51, as data. */
export const dockerDialect: DialectSpec<DockerContext> = {
  name: 'docker',
  versions: { oldest: OLDEST, newest: NEWEST },
  prefix: /^\/v([0-9.]+)(?=\/|$)/,
  versionOf: versionAsked,
  refuse: {
    tooNew: (sent) => ({
      status: 400,
      message: `client version ${sent} is too new. Maximum supported API version is ${NEWEST}`,
    }),
    tooOld: (sent) => ({
      status: 400,
      message: `client version ${sent} is too old. Minimum supported API version is ${OLDEST}, please upgrade your client to a newer version`,
    }),
  },
  // Until then a body was read as a stream of values.
  bodiesEndSince: '1.42',
  notFound: { status: 404, message: 'page not found' },
  routes: [
    ...SYSTEM_ROUTES,
    ...CONTAINER_ROUTES,
    ...EXEC_ROUTES,
    ...IMAGE_ROUTES,
    ...NETWORK_ROUTES,
    ...VOLUME_ROUTES,
    ...PLANNED_ROUTES,
  ],
  changes: [
    ...ERROR_CHANGES,
    ...INFO_CHANGES,
    ...DISK_USAGE_CHANGES,
    ...EVENT_CHANGES,
    ...AUTH_CHANGES,
    ...CONTAINER_CHANGES,
    ...IMAGE_CHANGES,
    ...NETWORK_CHANGES,
    ...VOLUME_CHANGES,
  ],
  headers: [
    {
      name: 'Server',
      value: ({ daemon }) => `Docker/${daemon.version} (linux)`,
      except: ['refused'],
      hijackedSince: '1.22',
    },
    { name: 'Api-Version', value: NEWEST, hijackedSince: '1.22' },
    { name: 'Ostype', value: 'linux', hijackedSince: '1.22' },
    { name: 'Docker-Experimental', value: 'false', hijackedSince: '1.22' },
  ],
  // Clients of old join a base address that ends with a slash and a path that begins with one.
  cleansPaths: true,
  presentError,
  errorReply,
};
