import { checkDigest } from './digest.ts';
import { asObject, optionalObject, parseJsonList, parseJsonObject, readText, readTexts } from './json.ts';
import { malformedImage } from './malformed.ts';

/** One image of a docker-archive: paths inside the archive, base layer first. */
export type ArchivedImage = {
  readonly configPath: string;
  readonly layerPaths: readonly string[];
  readonly tags: readonly string[];
};

/** Members of an archive that describe it. */
export const ARCHIVE_NAMES = {
  manifest: 'manifest.json',
  repositories: 'repositories',
  layout: 'oci-layout',
  index: 'index.json',
} as const;

/** Annotations by which an OCI layout names its images. */
export const NAME_ANNOTATIONS = {
  /** Whole name, written by containerd and Docker. */
  image: 'io.containerd.image.name',
  /** A tag alone, or a whole name. */
  reference: 'org.opencontainers.image.ref.name',
} as const;

/** Reads `manifest.json` of a docker-archive. */
export const parseArchiveManifest = (bytes: Uint8Array): ArchivedImage[] =>
  parseJsonList(bytes, 'manifest.json').map((entry, index) => {
    const from = asObject(entry, `manifest.json[${index}]`);
    const configPath = readText(from, 'Config');
    if (configPath === '') throw malformedImage(`${from.at} has no Config`);
    return { configPath, layerPaths: readTexts(from, 'Layers'), tags: readTexts(from, 'RepoTags') };
  });

/** Reads `repositories`: repository → tag → id (64 hex digits). */
export const parseRepositories = (bytes: Uint8Array): { repository: string; tag: string; id: string }[] => {
  const top = parseJsonObject(bytes, 'repositories');
  return Object.keys(top.members).flatMap((repository) => {
    const tags = optionalObject(top, repository);
    return Object.keys(tags?.members ?? {}).map((tag) => ({
      repository,
      tag,
      id: tags === undefined ? '' : readText(tags, tag),
    }));
  });
};

/** Refuses an OCI layout of another version. */
export const checkLayout = (bytes: Uint8Array): void => {
  const version = readText(parseJsonObject(bytes, 'oci-layout'), 'imageLayoutVersion');
  if (!version.startsWith('1.')) {
    throw malformedImage(`oci-layout has version "${version.slice(0, 20)}"`);
  }
};

/** `blobs/sha256/<hex>`: where an OCI layout keeps a blob. */
export const blobPath = (digest: string): string =>
  `blobs/${checkDigest(digest, 'digest').replace(':', '/')}`;

/** Bytes of `oci-layout`. */
export const buildLayout = (): Uint8Array => encode({ imageLayoutVersion: '1.0.0' });

export const buildArchiveManifest = (
  images: readonly (ArchivedImage & { readonly sources: Readonly<Record<string, unknown>> })[],
): Uint8Array =>
  encode(
    images.map(({ configPath, layerPaths, tags, sources }) => ({
      Config: configPath,
      RepoTags: tags.length === 0 ? null : tags,
      Layers: layerPaths,
      LayerSources: sources,
    })),
  );

export const buildRepositories = (
  tags: readonly { repository: string; tag: string; id: string }[],
): Uint8Array => {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { repository, tag, id } of tags) {
    repositories[repository] = { ...repositories[repository], [tag]: id };
  }
  return encode(repositories);
};

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
