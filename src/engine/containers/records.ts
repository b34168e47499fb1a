import type { Container } from '#domain/container/container.ts';
import { resolveRef } from '#domain/container/names.ts';
import type { NameIndex } from '#domain/container/names.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import type { Collection, Durability } from '#engine/ports/state-store.ts';

/** The containers there are, by id and by name. Every change outlives us when the call returns. */
export class ContainerRecords {
  readonly #stored: Collection<Container>;
  readonly #names = new Map<string, ContainerId>();
  /** Those with links: few, while every line of a list asks who links to it. */
  readonly #parents = new Set<ContainerId>();
  readonly #index: NameIndex;

  constructor(stored: Collection<Container>) {
    this.#stored = stored;
    for (const container of stored.list()) {
      this.#names.set(container.name, container.id);
      this.#noteLinks(container);
    }
    this.#index = {
      has: (id) => isVisible(stored.get(id)),
      idOfName: (name) => this.#visibleIdOfName(name),
      ids: () => this.#visibleIds(),
    };
  }

  /** Any way to name it; throws `container.not-found`, `container.ambiguous`. */
  idOf(ref: string): ContainerId {
    return resolveRef(ref, this.#index);
  }

  get(ref: string): Container {
    return this.known(this.idOf(ref), ref);
  }

  /** By full id, also while it is being created. */
  find(id: ContainerId): Container | undefined {
    return this.#stored.get(id);
  }

  /** By full id; throws `container.not-found`: it may be gone by the time a lock is held. */
  known(id: ContainerId, ref: string = id): Container {
    const container = this.#stored.get(id);
    if (container === undefined) throw engineError('container.not-found', { ref });
    return container;
  }

  /** Newest creation first, without those still being created. */
  list(): Container[] {
    return this.#stored.list().filter(isVisible).toReversed();
  }

  /** All, in order of creation: for recovery. */
  listAll(): Container[] {
    return this.#stored.list();
  }

  idOfName(name: string): ContainerId | undefined {
    return this.#names.get(name);
  }

  /** A new record or a new state of a known one; the name must be free or its own (`container.name-in-use`). */
  put(container: Container, durability?: Durability): Container {
    const before = this.#stored.get(container.id);
    this.#claim(container.name, container.id);
    try {
      this.#stored.put(container, durability);
    } catch (error) {
      if (before?.name !== container.name) this.#names.delete(container.name);
      throw error;
    }
    if (before !== undefined && before.name !== container.name) this.#names.delete(before.name);
    this.#noteLinks(container);
    return container;
  }

  remove(id: ContainerId, durability?: Durability): void {
    const name = this.#stored.get(id)?.name;
    this.#stored.remove(id, durability);
    this.#parents.delete(id);
    if (name !== undefined && this.#names.get(name) === id) this.#names.delete(name);
  }

  #claim(name: string, id: ContainerId): void {
    const holder = this.#names.get(name);
    if (holder !== undefined && holder !== id)
      throw engineError('container.name-in-use', { name, id: holder });
    this.#names.set(name, id);
  }

  #visibleIdOfName(name: string): ContainerId | undefined {
    const id = this.#names.get(name) ?? this.#linkedId(name);
    return id !== undefined && isVisible(this.#stored.get(id)) ? id : undefined;
  }

  /** With links, in order of creation. */
  parents(): Container[] {
    return [...this.#parents].flatMap((id) => this.#stored.get(id) ?? []).filter(isVisible);
  }

  #noteLinks({ id, links = [] }: Container): void {
    if (links.length > 0) this.#parents.add(id);
    else this.#parents.delete(id);
  }

  /** Of `parent/alias`. */
  #linkedId(name: string): ContainerId | undefined {
    const [parentName = '', alias] = name.split('/');
    const parentId = alias === undefined ? undefined : this.#names.get(parentName);
    const parent = parentId === undefined ? undefined : this.#stored.get(parentId);
    return parent?.links?.find((link) => link.alias === alias)?.childId;
  }

  *#visibleIds(): Generator<ContainerId> {
    for (const container of this.#stored.list()) {
      if (isVisible(container)) yield container.id;
    }
  }
}

const isVisible = (container: Container | undefined): container is Container =>
  container !== undefined && container.state.status !== 'creating';
