import { formatCanonical, joinReference } from '#domain/image/reference.ts';
import { ARCHIVE_NAMES, parseRepositories } from '#formats/oci-image/archive.ts';
import { buildImageConfig } from '#formats/oci-image/build-config.ts';
import {
  isLegacyId,
  legacyChain,
  parseLegacyImage,
  toImageConfig,
} from '#formats/oci-image/legacy-archive.ts';
import type { LegacyImage } from '#formats/oci-image/legacy-archive.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import type { LoadableImage } from './archived-image.ts';
import type { SpooledArchive } from './spooled-archive.ts';

/** Images of the form of Docker before 1.10: `<id>/json`, `<id>/layer.tar` and `repositories`. */
export const readLegacyArchive = async (
  world: Pick<ImagesContext, 'digests' | 'content'>,
  archive: SpooledArchive,
): Promise<LoadableImage[]> => {
  const images = await readImages(archive);
  const names = await readNames(archive);
  const heads = names.size > 0 ? [...names.keys()] : withoutChildren(images);
  const diffIds = new Map<string, Promise<string>>();
  const diffIdOf = async (path: string): Promise<string> => {
    const known = diffIds.get(path) ?? measure(world, archive, path);
    diffIds.set(path, known);
    return known;
  };
  return Promise.all(
    heads.map(async (id) => {
      const chain = legacyChain(id, images);
      const paths = chain.filter(({ isEmpty }) => !isEmpty).map((image) => `${image.id}/layer.tar`);
      const config = toImageConfig(chain, await Promise.all(paths.map(diffIdOf)));
      return {
        config: buildImageConfig(config),
        layers: paths.map((path) => ({ path })),
        tags: names.get(id) ?? [],
      };
    }),
  );
};

const readImages = async (archive: SpooledArchive): Promise<Map<string, LegacyImage>> => {
  const images = new Map<string, LegacyImage>();
  for (const path of archive.paths()) {
    const [id = '', file, more] = path.split('/');
    if (file !== 'json' || more !== undefined || !isLegacyId(id)) continue;
    images.set(id, parseLegacyImage(await archive.read(path), id));
  }
  return images;
};

const readNames = async (archive: SpooledArchive): Promise<Map<string, string[]>> => {
  const names = new Map<string, string[]>();
  if (!archive.has(ARCHIVE_NAMES.repositories)) return names;
  for (const { repository, tag, id } of parseRepositories(await archive.read(ARCHIVE_NAMES.repositories))) {
    names.set(id, [...(names.get(id) ?? []), formatCanonical(joinReference(repository, tag))]);
  }
  return names;
};

const withoutChildren = (images: ReadonlyMap<string, LegacyImage>): string[] => {
  const parents = new Set([...images.values()].map(({ parent }) => parent));
  return [...images.keys()].filter((id) => !parents.has(id));
};

const measure = async (
  { digests, content }: Pick<ImagesContext, 'digests' | 'content'>,
  archive: SpooledArchive,
  path: string,
): Promise<string> => {
  const { digest } = await archive.blob(path);
  return (await digests.diffIdOf(content.pathOf(digest))).diffId;
};
