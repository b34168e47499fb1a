import { malformedImage } from './malformed.ts';
import type { Descriptor } from './manifest.ts';

/** Throws `image.malformed` where content is longer or shorter than what points to it says. */
export const checkSize = (
  descriptor: Pick<Descriptor, 'digest' | 'sizeBytes'>,
  actualBytes: number,
): void => {
  const { digest, sizeBytes } = descriptor;
  if (actualBytes === sizeBytes) return;
  throw malformedImage(`${digest} failed size validation: ${actualBytes} != ${sizeBytes}`);
};
