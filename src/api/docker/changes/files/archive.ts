import type { Change } from '#api/dialect/change.ts';
import { defaulted, framing } from '#api/dialect/change.ts';
import { withContentType } from '#api/dialect/framing.ts';
import { PutArchiveQuery } from '#api/docker/schema/archive.ts';

const ownedByRoot = defaulted({
  id: 'archive-put-owned-by-root',
  in: '1.22',
  on: PutArchiveQuery,
  why: 'what was unpacked belonged to root, whatever the archive said',
  source: 'docker-semantics.md 12.4',
  up: (query) => ({ ...query, ownedByRoot: true }),
  examples: [{ older: { path: '/' }, newer: { path: '/', ownedByRoot: true } }],
});

const copyType = framing({
  id: 'copy-without-tar-type',
  in: '1.20',
  routes: ['container-copy'],
  why: 'the type was guessed from the first bytes',
  source: 'docker-routes.md R22',
  older: (reply) => withContentType(reply, 'application/octet-stream'),
  examples: [
    { newer: { contentType: 'application/x-tar' }, older: { contentType: 'application/octet-stream' } },
  ],
});

export const ARCHIVE_CHANGES: readonly Change[] = [ownedByRoot, copyType];
