import { closeSync, readlinkSync } from 'node:fs';
import { readAttributes } from '#adapters/libc/inode-calls.ts';
import { LinkNames } from './link-names.ts';
import { commonHeader, kindHeader, sizeNow, TarOutput } from './tar-output.ts';
import { unlessGone } from './tree-handle.ts';
import { walkUpper } from './upper-layer.ts';

import type { TarHeader } from '#formats/tar/entry.ts';
import type { LayerFolders, UpperItem } from './upper-layer.ts';

/** A writable layer as the tar of an image layer, into a descriptor (OCI image spec, layer.md). */
export const writeDiff = (folders: LayerFolders, descriptor: number): void => {
  const output = new TarOutput(descriptor);
  const links = new LinkNames();
  let waiting: { readonly below: string; readonly write: () => void }[] = [];
  walkUpper(folders, (item) => {
    waiting = waiting.filter(({ below }) => item.path.startsWith(below));
    const write = (): void => writeItem(output, links, item);
    // A directory that is there for what is in it: only with something in it.
    if (item.kind === 'same' && !item.opaque) return void waiting.push({ below: `${item.path}/`, write });
    for (const directory of waiting) directory.write();
    waiting = [];
    return write();
  });
  output.end();
};

const writeItem = (output: TarOutput, links: LinkNames, item: UpperItem): void => {
  const { stats, opaque } = item;
  // Below an opaque directory overlayfs takes a whiteout for a file.
  if (item.isHidden === true) return undefined;
  const path = Buffer.from(item.path, 'latin1');
  if (stats === undefined)
    return output.header({ kind: 'file', path: whiteoutOf(item), mode: 0, sizeBytes: 0 });
  const kind = kindHeader(stats);
  if (kind === undefined) return undefined;
  const common = { path, ...commonHeader(stats), xattrs: attributesOf(item) };
  const earlier = links.earlier(stats, path);
  if (earlier !== undefined) return output.header({ ...common, kind: 'hard-link', linkPath: earlier });
  if (kind.kind === 'file') return writeFile(output, item, common);
  if (kind.kind === 'symlink') return writeLink(output, item, common);
  output.header({ ...common, ...kind });
  if (opaque)
    output.header({ kind: 'file', path: Buffer.concat([path, OPAQUE_MARK]), mode: 0, sizeBytes: 0 });
  return undefined;
};

const OPAQUE_MARK = Buffer.from('/.wh..wh..opq');

const writeFile = (output: TarOutput, { parent, name }: UpperItem, common: Omit<TarHeader, 'kind'>): void => {
  const descriptor = parent.openFile(name);
  if (descriptor === undefined) return;
  try {
    const sizeBytes = sizeNow(descriptor);
    output.header({ ...common, kind: 'file', sizeBytes });
    output.content(descriptor, sizeBytes);
  } finally {
    closeSync(descriptor);
  }
};

const writeLink = (output: TarOutput, { parent, name }: UpperItem, common: Omit<TarHeader, 'kind'>): void => {
  const linkPath = unlessGone(() => readlinkSync(parent.below(name), { encoding: 'buffer' }));
  if (linkPath !== undefined) output.header({ ...common, kind: 'symlink', linkPath });
};

const whiteoutOf = ({ path, name }: UpperItem): Buffer => {
  const folder = path.slice(0, path.length - name.length);
  return Buffer.from(`${folder}.wh.${name.toString('latin1')}`, 'latin1');
};

/** Capabilities of programs and what users set; the marks of overlayfs are its own. */
const attributesOf = ({ parent, name }: UpperItem): Map<string, Buffer> => {
  const all = unlessGone(() => readAttributes(parent.below(name))) ?? new Map<string, Buffer>();
  return new Map([...all].filter(([key]) => key === 'security.capability' || key.startsWith('user.')));
};
