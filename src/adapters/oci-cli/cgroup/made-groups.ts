import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CgroupTree } from './cgroup-tree.ts';

type Note = { readonly group: string; readonly folders: readonly string[] };

export type MadeGroupsPlan = {
  readonly cgroups: CgroupTree;
  /** Of the notes, one file for each group; below the exec root, so that notes and groups end with the boot. */
  readonly folder: string;
  /** Our own group: what is at or below it needs no note. */
  readonly own: string;
};

/**
 * Groups that did not exist before a container of ours was put below them, in the hierarchies in which they did not:
 * these go with their last container. Groups of others were there, or are in use; both stay.
 */
export class MadeGroups {
  readonly #plan: MadeGroupsPlan;
  /** Containers that are or may soon be below a group: its note outlives a moment in which it is empty. */
  readonly #users = new Map<string, Set<string>>();

  constructor(plan: MadeGroupsPlan) {
    this.#plan = plan;
  }

  /** Before the runtime makes the group `path`: notes which of those above it will be made for it. */
  note(path: string): void {
    for (const group of this.#above(path)) {
      const users = this.#users.get(group) ?? new Set();
      this.#users.set(group, users.add(path));
      const missing = this.#plan.cgroups.folders(group).filter((folder) => !existsSync(folder));
      const known = readNote(this.#fileOf(group))?.folders ?? [];
      const folders = [...new Set([...known, ...missing])];
      if (folders.length > known.length) this.#write({ group, folders });
    }
  }

  /** After the group `path` has gone: those above it that were made for it or its like go too when they are empty. */
  async leave(path: string): Promise<void> {
    for (const group of this.#above(path)) {
      const users = this.#users.get(group);
      users?.delete(path);
      if ((users?.size ?? 0) > 0) continue;
      this.#users.delete(group);
      await this.#removeEmpty(readNote(this.#fileOf(group)));
    }
  }

  /** What an earlier daemon noted and did not come to remove. */
  async recover(): Promise<void> {
    const names = readdirSync(this.#plan.folder).filter((name) => !name.endsWith('.new'));
    const notes = names.map((name) => readNote(join(this.#plan.folder, name)));
    // Those below come first.
    const deepest = notes.toSorted((a, b) => (b?.group.length ?? 0) - (a?.group.length ?? 0));
    for (const note of deepest)
      if (note !== undefined && !this.#users.has(note.group)) await this.#removeEmpty(note);
  }

  async #removeEmpty(note: Note | undefined): Promise<void> {
    if (note === undefined) return;
    // In use (EBUSY), or gone: both are fine.
    await Promise.all(note.folders.map((folder) => rmdir(folder).catch(() => undefined)));
    // A container that came meanwhile relies on it.
    if (this.#users.has(note.group)) return;
    const folders = note.folders.filter((folder) => existsSync(folder));
    if (folders.length === 0) rmSync(this.#fileOf(note.group), { force: true });
    else if (folders.length < note.folders.length) this.#write({ group: note.group, folders });
  }

  /** The groups above, the nearest first, as far as they are not ours by name. */
  #above(path: string): string[] {
    const { own } = this.#plan;
    const groups: string[] = [];
    for (let group = dirname(path); group !== '/' && group !== '.'; group = dirname(group))
      groups.push(group);
    return groups.filter((group) => group !== own && !group.startsWith(`${own}/`));
  }

  #write(note: Note): void {
    const file = this.#fileOf(note.group);
    writeFileSync(`${file}.new`, JSON.stringify(note), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  #fileOf(group: string): string {
    return join(this.#plan.folder, createHash('sha256').update(group).digest('hex').slice(0, 32));
  }
}

const readNote = (file: string): Note | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isNote(value) ? value : undefined;
  } catch {
    // None: nothing of it was made for us.
    return undefined;
  }
};

const isNote = (value: unknown): value is Note =>
  typeof value === 'object' &&
  value !== null &&
  'group' in value &&
  typeof value.group === 'string' &&
  'folders' in value &&
  Array.isArray(value.folders) &&
  value.folders.every((folder) => typeof folder === 'string');
