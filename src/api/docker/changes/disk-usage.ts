import type { Change } from '#api/dialect/change.ts';
import { reshape } from '#api/dialect/change.ts';
import { DiskUsageImage } from '#api/docker/schema/disk-usage.ts';

const NAMELESS = { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] };

const namedNone = reshape({
  id: 'disk-usage-names-the-nameless',
  in: '1.43',
  on: DiskUsageImage,
  why: 'a dangling image had a name in this list too',
  source: 'docker-modern.md 1.1',
  older: DiskUsageImage,
  down: (image) => (image.RepoTags.length + image.RepoDigests.length > 0 ? image : { ...image, ...NAMELESS }),
  examples: [
    { newer: { RepoTags: [], RepoDigests: [] }, older: NAMELESS },
    { newer: { RepoTags: ['a:b'], RepoDigests: [] }, older: { RepoTags: ['a:b'], RepoDigests: [] } },
  ],
});

export const DISK_USAGE_CHANGES: readonly Change[] = [namedNone];
