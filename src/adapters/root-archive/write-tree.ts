import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { readAttributes } from '#adapters/libc/inode-calls.ts';
import { LinkNames } from './link-names.ts';
import { commonHeader, kindHeader, sizeNow, TarOutput } from './tar-output.ts';
import { unlessGone } from './tree-handle.ts';

import type { BigIntStats } from 'node:fs';
import type { TarHeader } from '#formats/tar/entry.ts';

const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** For a thread inside a view: nothing here can be a device or lead out. */
export class TreeWriter {
  readonly #output: TarOutput;
  readonly #links = new LinkNames();

  constructor(descriptor: number) {
    this.#output = new TarOutput(descriptor);
  }

  /** The thing at `path` and all below it, under the name `name`; `''` leaves the top itself out. */
  tree(path: Buffer, name: Buffer): void {
    const stats = unlessGone(() => lstatSync(path, { bigint: true }));
    if (stats === undefined) return;
    if (name.length > 0) this.#entry(path, name, stats);
    if (!stats.isDirectory()) return;
    const names = unlessGone(() => readdirSync(path, { encoding: 'buffer' })) ?? [];
    for (const child of names.toSorted((one, other) => Buffer.compare(one, other)))
      this.tree(joined(path, child), name.length === 0 ? child : joined(name, child));
  }

  /** One open file under the name `name`. */
  openFile(descriptor: number, path: Buffer, name: Buffer): void {
    const stats = fstatSync(descriptor, { bigint: true });
    const common = { path: name, ...commonHeader(stats), xattrs: capabilityOf(path, stats) };
    this.#content(descriptor, common);
  }

  end(): void {
    this.#output.end();
  }

  #entry(path: Buffer, name: Buffer, stats: BigIntStats): void {
    const kind = kindHeader(stats);
    if (kind === undefined) return undefined;
    const common = { path: name, ...commonHeader(stats), xattrs: capabilityOf(path, stats) };
    const earlier = this.#links.earlier(stats, name);
    if (earlier !== undefined)
      return this.#output.header({ ...common, kind: 'hard-link', linkPath: earlier });
    if (kind.kind === 'file') return this.#file(path, common);
    if (kind.kind !== 'symlink') return this.#output.header({ ...common, ...kind });
    const linkPath = unlessGone(() => readlinkSync(path, { encoding: 'buffer' }));
    if (linkPath !== undefined) this.#output.header({ ...common, kind: 'symlink', linkPath });
    return undefined;
  }

  #file(path: Buffer, common: Omit<TarHeader, 'kind'>): void {
    const descriptor = openRegular(path);
    if (descriptor === undefined) return;
    try {
      this.#content(descriptor, common);
    } finally {
      closeSync(descriptor);
    }
  }

  #content(descriptor: number, common: Omit<TarHeader, 'kind'>): void {
    const sizeBytes = sizeNow(descriptor);
    this.#output.header({ ...common, kind: 'file', sizeBytes });
    this.#output.content(descriptor, sizeBytes);
  }
}

/** Undefined where the container has put something else in its place. */
export const openRegular = (path: string | Buffer): number | undefined => {
  const descriptor = unlessGone(() => openSync(path, FILE));
  if (descriptor === undefined || fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return undefined;
};

const SLASH = Buffer.from('/');

const joined = (folder: Buffer, name: Buffer): Buffer =>
  folder.at(-1) === 0x2f ? Buffer.concat([folder, name]) : Buffer.concat([folder, SLASH, name]);

/** What makes a program more than its bytes; other attributes stay behind, as with Docker. */
const capabilityOf = (path: Buffer, stats: BigIntStats): Map<string, Buffer> => {
  if (!stats.isFile()) return new Map();
  const value = unlessGone(() => readAttributes(path))?.get('security.capability');
  return new Map<string, Buffer>(value === undefined ? [] : [['security.capability', value]]);
};
