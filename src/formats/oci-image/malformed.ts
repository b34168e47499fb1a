/** Bytes that claim to be part of an image and are not. `message` says which member is wrong. */
export class MalformedImage extends Error {
  override readonly name = 'MalformedImage';
}

export const isMalformedImage = (error: unknown): error is MalformedImage => error instanceof MalformedImage;
