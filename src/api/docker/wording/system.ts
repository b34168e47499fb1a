import type { Wording } from './wording.ts';

export const SYSTEM_WORDING: Readonly<Record<string, Wording>> = {
  'route.planned': ({ message }) => ({ message }),
};
