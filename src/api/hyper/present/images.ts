import { formatFamiliar, parseReference } from '#domain/image/reference.ts';
import type { ImageView } from '#engine/engine.ts';
import { presentSeconds } from './time.ts';

const NONE = '<none>';

/** An image's lines of the list: one for each tag; without a tag one for each digest's repository, or a nameless one. */
export const presentImageLines = ({ image, tags, digests }: ImageView): string[] => {
  const id = image.id.replace(/^sha256:/u, '');
  const rest = `${id}:${presentSeconds(image.createdAt)}:${image.sizeBytes}`;
  const names = tags.map(familiar);
  const byDigest = digests.map((digest) => `${familiar(digest).split('@')[0] ?? NONE}:${NONE}`);
  const shown = [names, [...new Set(byDigest)], [`${NONE}:${NONE}`]].find((some) => some.length > 0) ?? [];
  return shown.map((name) => `${name}:${rest}`);
};

/** `docker.io/library/busybox:latest` as people write it. */
export const familiar = (name: string): string => formatFamiliar(parseReference(name));
