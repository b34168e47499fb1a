import { formatCanonical, parseReference, withDefaultTag } from '#domain/image/reference.ts';
import { ARCHIVE_NAMES, parseArchiveManifest } from '#formats/oci-image/archive.ts';
import type { LoadableImage } from './archived-image.ts';
import type { SpooledArchive } from './spooled-archive.ts';

/** Images of an archive with a `manifest.json`. */
export const readDockerArchive = async (archive: SpooledArchive): Promise<LoadableImage[]> => {
  const images = parseArchiveManifest(await archive.read(ARCHIVE_NAMES.manifest));
  return Promise.all(
    images.map(async ({ configPath, layerPaths, tags }) => ({
      config: await archive.read(configPath),
      layers: layerPaths.map((path) => ({ path })),
      tags: tags.map((tag) => formatCanonical(withDefaultTag(parseReference(tag)))),
    })),
  );
};
