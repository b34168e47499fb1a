import type { Wording } from './wording.ts';

/** Today's words of Docker for what can be wrong with volumes (docker-routes.md R53-R56). */
export const VOLUME_WORDING: Readonly<Record<string, Wording>> = {
  'volume.not-found': ({ params: { name } }) => ({ message: `get ${name}: no such volume` }),
  'volume.driver-unknown': ({ params: { name, driver } }) => ({
    message: `${name === undefined ? '' : `create ${name}: `}error looking up volume plugin ${driver}: plugin "${driver}" not found`,
  }),
  'volume.option': ({ params: { name, option } }) => ({
    message: `create ${name}: invalid option: "${option}"`,
  }),
  'volume.option-missing': ({ params: { name, option } }) => ({
    message: `create ${name}: missing required option: "${option}"`,
  }),
  'volume.option-size': ({ params: { name, size } }) => ({
    message: `create ${name}: invalid size: '${size}'`,
  }),
  'volume.no-quota': ({ params: { name } }) => ({
    message: `create ${name}: quota size requested but no quota support`,
  }),
  'volume.cifs-port': ({ params: { name } }) => ({
    message: `create ${name}: port not allowed in CIFS device URL, include 'port' in 'o='`,
  }),
  'volume.mount-point': ({ params: { name, path } }) => ({
    message: `remove ${name}: ${path} is a mount point: device or resource busy`,
  }),
  'volume.in-use': ({ params: { name, containers } }) => ({
    message: `remove ${name}: volume is in use - [${containers}]`,
  }),
};
