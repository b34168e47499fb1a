import type { Wording } from './wording.ts';

/** Today's words of Docker for what can be wrong with volumes (docker-routes.md R53-R56). */
export const VOLUME_WORDING: Readonly<Record<string, Wording>> = {
  'volume.not-found': ({ params: { name } }) => ({ message: `get ${name}: no such volume` }),
  'volume.in-use': ({ params: { name, containers } }) => ({
    message: `remove ${name}: volume is in use - [${containers}]`,
  }),
};
