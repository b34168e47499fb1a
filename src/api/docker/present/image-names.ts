import type { Container } from '#domain/container/container.ts';
import { formatCanonical, formatFamiliar, parseReference, withDefaultTag } from '#domain/image/reference.ts';
import type { ImageId } from '#domain/value/flavor.ts';
import type { ImageView } from '#engine/engine.ts';

/** What the images of one moment are called: read once for a whole list of containers. */
export class ImageNames {
  readonly #byName = new Map<string, ImageId>();
  readonly #byId = new Map<ImageId, ImageView>();
  readonly #typed = new Map<string, ImageId | undefined>();
  readonly #anyTags = new Map<ImageId, string>();

  constructor(views: readonly ImageView[]) {
    for (const view of views) {
      this.#byId.set(view.image.id, view);
      for (const name of [...view.tags, ...view.digests]) this.#byName.set(name, view.image.id);
    }
  }

  /** The reference typed at create while it still means the same image, else the image's id (docker-shapes.md 1). */
  shownFor({ config, imageId }: Container): string {
    if (imageId === '' || config.image === '') return config.image;
    return this.#resolve(config.image) === imageId ? config.image : imageId;
  }

  /** `repo:tag` of one tag of the image, else twelve digits of its id (API <= 1.17). */
  anyTag(id: ImageId): string {
    const known = this.#anyTags.get(id);
    if (known !== undefined) return known;
    const [tag] = this.#byId.get(id)?.tags ?? [];
    const name =
      tag === undefined ? id.replace(/^sha256:/, '').slice(0, 12) : formatFamiliar(parseReference(tag));
    this.#anyTags.set(id, name);
    return name;
  }

  /** Whether the image is what `ref` names or was made from it. */
  isDescendant(id: ImageId, ref: string): boolean {
    const ancestor = this.#resolve(ref);
    if (ancestor === undefined) return false;
    const seen = new Set<ImageId>();
    for (let at: ImageId = id; at !== '' && !seen.has(at); at = this.#byId.get(at)?.image.parentId ?? '') {
      if (at === ancestor) return true;
      seen.add(at);
    }
    return false;
  }

  #resolve(ref: string): ImageId | undefined {
    if (!this.#typed.has(ref)) this.#typed.set(ref, this.#find(ref));
    return this.#typed.get(ref);
  }

  #find(ref: string): ImageId | undefined {
    return this.#byName.get(canonical(ref) ?? '') ?? this.#byPrefix(ref.replace(/^sha256:/, ''));
  }

  #byPrefix(digits: string): ImageId | undefined {
    if (!/^[0-9a-f]{4,64}$/.test(digits)) return undefined;
    const found = [...this.#byId.keys()].filter((id) => id.startsWith(`sha256:${digits}`));
    return found.length === 1 ? found[0] : undefined;
  }
}

/** undefined where the text is no reference: then it can only be an id. */
const canonical = (ref: string): string | undefined => {
  try {
    return formatCanonical(withDefaultTag(parseReference(ref)));
  } catch {
    return undefined;
  }
};
