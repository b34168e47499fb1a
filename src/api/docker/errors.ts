import type { ShownError } from '#api/dialect/change.ts';
import type { ErrorPlace } from '#api/dialect/dialect.ts';
import type { Reply } from '#api/http/reply.ts';
import type { EngineError, ErrorKind } from '#domain/error/engine-error.ts';
import { ARCHIVE_WORDING } from './wording/archive.ts';
import { CONTAINER_WORDING } from './wording/containers.ts';
import { IMAGE_WORDING } from './wording/images.ts';
import { NETWORK_WORDING } from './wording/networks.ts';
import { VOLUME_WORDING } from './wording/volumes.ts';
import { SYSTEM_WORDING } from './wording/system.ts';
import type { Wording } from './wording/wording.ts';

/** A new kind does not compile until it has a status. */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  exists: 409,
  unchanged: 304,
  unsupported: 501,
  unavailable: 503,
  'timed-out': 500,
  // Nobody is left to read it.
  cancelled: 499,
  damaged: 500,
  internal: 500,
};

const WORDING: Readonly<Record<string, Wording>> = {
  ...SYSTEM_WORDING,
  ...CONTAINER_WORDING,
  ...ARCHIVE_WORDING,
  ...IMAGE_WORDING,
  ...NETWORK_WORDING,
  ...VOLUME_WORDING,
};

/** Status and words of an error as today's engines give them; older wordings are changes. */
export const presentError = (error: EngineError, place: Pick<ErrorPlace, 'route' | 'params'>): ShownError => {
  const wording = WORDING[error.code]?.({ params: error.params, message: error.message, place });
  const status = isMissingPart(error, place) ? STATUS.invalid : STATUS[error.kind];
  return { status: wording?.status ?? status, message: wording?.message ?? error.message };
};

/** 404 at create means the image: clients pull it then. Anything else that is missing is a bad request. */
const isMissingPart = ({ kind, code }: EngineError, { route }: Pick<ErrorPlace, 'route'>): boolean =>
  route === 'container-create' && kind === 'not-found' && !code.startsWith('image.');

/** 304 has no body; all else is `{"message": ...}` from API 1.24 on. */
export const errorReply = ({ status, message }: ShownError): Reply =>
  status === 304 ? { kind: 'empty', status } : { kind: 'json', status, body: { message } };
