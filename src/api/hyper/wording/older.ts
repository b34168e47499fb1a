import type { ErrorParams } from '#domain/error/engine-error.ts';
import { refIn } from './sentence.ts';

/** By this a client's word was an id; any other was a name. */
const isId = (ref: string): boolean => ref.includes('pod-');

export const podLost = (what: string) => (params: ErrorParams) => {
  const ref = refIn(params);
  return `Can not get Pod ${what} with pod ${isId(ref) ? 'ID' : 'name'}(${ref})`;
};
