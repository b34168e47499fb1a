import type { Wording } from './wording.ts';

export const CONTAINER_WORDING: Readonly<Record<string, Wording>> = {};
