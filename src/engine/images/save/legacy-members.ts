import type { Image, ImageLayer } from '#domain/image/image.ts';
import { blobPath } from '#formats/oci-image/archive.ts';
import { buildLegacyImage, buildLegacyLayer } from '#formats/oci-image/build-legacy.ts';
import type { LegacyTie } from '#formats/oci-image/build-legacy.ts';
import { digestOf, hexOf } from '#formats/oci-image/digest.ts';
import { TAR_END } from '#formats/tar/encode-header.ts';
import type { TarTime } from '#formats/tar/entry.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';

/**
 * An image as engines before 1.10 read it: a folder for it and for each layer below it, with `VERSION`, `json` and
 * `layer.tar` (docker-semantics.md 15). The bytes of a layer are in the archive once, and `layer.tar` leads there.
 * `isNew` tells whether a folder is not in the archive yet.
 */
export function* legacyMembers(
  image: Image,
  config: Uint8Array,
  isNew: (id: string) => boolean,
): Generator<TarSource, void, void> {
  const modified = { seconds: Math.floor(image.createdAt / 1000), nanoseconds: 0 };
  const top = image.layers.at(-1);
  let parent = '';
  for (const [index, layer] of image.layers.slice(0, -1).entries()) {
    const tie: LegacyTie = { id: layerId(layer.chainId), parent };
    if (isNew(tie.id)) yield* folder(tie.id, jsonOfLayer(image, index, tie), { layer, modified });
    parent = tie.id;
  }
  const head: LegacyTie = { id: hexOf(image.id), parent };
  if (!isNew(head.id)) return;
  yield* folder(head.id, buildLegacyImage(config, head, top?.sizeBytes ?? 0), { layer: top, modified });
}

/** Layers have no ids of their own any more: the same stack has the same one. */
const layerId = (chainId: string): string => hexOf(digestOf(new TextEncoder().encode(`layer ${chainId}`)));

const jsonOfLayer = (image: Image, index: number, tie: LegacyTie): Uint8Array => {
  const step = image.history.filter(({ emptyLayer }) => !emptyLayer)[index];
  return buildLegacyLayer(tie, {
    created: new Date(step?.createdAt ?? 0).toISOString(),
    createdBy: step?.createdBy ?? '',
    sizeBytes: image.layers[index]?.sizeBytes ?? 0,
  });
};

type Content = { readonly layer: ImageLayer | undefined; readonly modified: TarTime };

function* folder(
  id: string,
  json: Uint8Array,
  { layer, modified }: Content,
): Generator<TarSource, void, void> {
  const file = (name: string, content: Uint8Array): TarSource => ({
    header: { kind: 'file', path: `${id}/${name}`, modified },
    content,
  });
  yield { header: { kind: 'directory', path: `${id}/`, modified } };
  yield file('VERSION', new TextEncoder().encode('1.0'));
  yield file('json', json);
  if (layer === undefined) yield file('layer.tar', TAR_END);
  else {
    const linkPath = `../${blobPath(layer.diffId)}`;
    yield { header: { kind: 'symlink', path: `${id}/layer.tar`, linkPath, modified } };
  }
}
