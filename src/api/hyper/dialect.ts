import type { DialectSpec } from '#api/dialect/dialect.ts';
import { CONTAINER_CHANGES } from './changes/containers.ts';
import { ERROR_CHANGES } from './changes/errors.ts';
import { POD_CHANGES } from './changes/pods.ts';
import type { HyperContext } from './context.ts';
import { errorReply, presentError } from './errors.ts';
import { CONTAINER_ROUTES } from './routes/containers/index.ts';
import { IMAGE_ROUTES } from './routes/images/index.ts';
import { POD_ROUTES } from './routes/pods/index.ts';
import { PORT_ROUTES } from './routes/ports/index.ts';
import { SERVICE_ROUTES } from './routes/services/index.ts';
import { STREAM_ROUTES } from './routes/streams/index.ts';
import { SYSTEM_ROUTES } from './routes/system/index.ts';
import { VM_ROUTES } from './routes/vms/index.ts';
import { NEWEST, OLDEST, RELEASES, releaseOf } from './version.ts';

/** hyperd's REST API, releases 0.1 to 1.1, as data. */
export const hyperDialect: DialectSpec<HyperContext> = {
  name: 'hyper',
  versions: { oldest: OLDEST, newest: NEWEST, all: RELEASES },
  prefix: /^\/v([0-9.]*)(?=\/|$)/,
  versionOf: releaseOf,
  notFound: { status: 404, message: '404 page not found' },
  routes: [
    ...POD_ROUTES,
    ...PORT_ROUTES,
    ...SERVICE_ROUTES,
    ...VM_ROUTES,
    ...CONTAINER_ROUTES,
    ...STREAM_ROUTES,
    ...IMAGE_ROUTES,
    ...SYSTEM_ROUTES,
  ],
  changes: [...POD_CHANGES, ...CONTAINER_CHANGES, ...ERROR_CHANGES],
  headers: [{ name: 'Server', value: ({ daemon }) => `Docker/${daemon.version} (linux)` }],
  presentError,
  errorReply,
};
