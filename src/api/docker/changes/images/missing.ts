import type { Change } from '#api/dialect/change.ts';
import { errorText } from '#api/dialect/change.ts';
import { isDigest, parseReference } from '#domain/image/reference.ts';

const CODES = ['image.not-found'];

const asTyped = errorText({
  id: 'image-missing-as-typed',
  in: '1.22',
  routes: ['image-inspect', 'image-history', 'image-tag', 'image-remove', 'image-save', 'images-save'],
  codes: CODES,
  why: 'the name was repeated without a tag filled in',
  source: 'docker-routes.md 4 (404i)',
  older: ({ ref = '' }) => ({ message: `No such image: ${ref}` }),
  examples: [
    { params: { ref: 'busybox', name: 'busybox:latest' }, older: { message: 'No such image: busybox' } },
  ],
});

const tagInBrackets = errorText({
  id: 'create-image-missing-with-tag',
  in: '1.21',
  routes: ['container-create'],
  codes: CODES,
  why: 'clients pull on a 404 only when its text has the name exactly as they sent it',
  source: 'docker-routes.md R03',
  older: ({ ref = '' }) => ({ message: bracketed(String(ref)) }),
  examples: [
    { params: { ref: 'a' }, older: { message: 'No such image: a (tag: latest)' } },
    { params: { ref: 'a:2' }, older: { message: 'No such image: a:2 (tag: 2)' } },
    {
      params: { ref: `a@sha256:${'0'.repeat(64)}` },
      older: { message: `No such image: a@sha256:${'0'.repeat(64)}` },
    },
  ],
});

const bracketed = (ref: string): string => {
  const tag = tagOf(ref);
  return `No such image: ${ref}${tag === undefined ? '' : ` (tag: ${tag})`}`;
};

/** `latest` where none was typed; undefined for names by digest and for ids. */
const tagOf = (ref: string): string | undefined => {
  try {
    const { tag, digest } = parseReference(ref);
    return digest === '' ? tag || 'latest' : undefined;
  } catch {
    return isDigest(ref) ? undefined : 'latest';
  }
};

const withoutTag = errorText({
  id: 'create-image-missing-without-tag',
  in: '1.7',
  routes: ['container-create'],
  codes: CODES,
  why: 'the name was repeated as it was sent',
  source: 'docker-routes.md R03',
  older: ({ ref = '' }) => ({ message: `No such image: ${ref}` }),
  examples: [{ params: { ref: 'a' }, older: { message: 'No such image: a' } }],
});

export const IMAGE_MISSING_CHANGES: readonly Change[] = [asTyped, tagInBrackets, withoutTag];
