import type { Wording } from './wording.ts';

export const IMAGE_WORDING: Readonly<Record<string, Wording>> = {};
