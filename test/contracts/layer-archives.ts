/** Layers and folders for the suites of Snapshotter and LayerDigests. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createOverlay } from '#adapters/overlay/overlay.ts';
import { writeTar } from '#formats/tar/write-tar.ts';

import { openPatience } from '#test/support/patience.ts';
import type { Overlay, OverlayOptions } from '#adapters/overlay/overlay.ts';
import type { TarHeader } from '#formats/tar/entry.ts';
import type { TarSource } from '#formats/tar/write-tar.ts';

export const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });

export const sha256 = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A chain id nobody else uses. */
export const someChainId = (): string => `sha256:${randomBytes(32).toString('hex')}`;

export const file = (path: string | Uint8Array, text = '', more: Partial<TarHeader> = {}): TarSource => ({
  header: { kind: 'file', path, ...more },
  content: Buffer.from(text),
});

export const entry = (kind: TarHeader['kind'], path: string, more: Partial<TarHeader> = {}): TarSource => ({
  header: { kind, path, ...more },
});

export const archive = async (...sources: TarSource[]): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(writeTar(sources)));

/** Waits for a condition while there is patience. */
export const until = async (what: string, condition: () => boolean): Promise<void> => {
  const patience = openPatience();
  while (!condition()) {
    if (patience.isOver()) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** An overlay in a folder of its own; leaving the scope unmounts and deletes everything. */
export class OverlayWorld implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'gantry-overlay-'));
  readonly dataRoot = join(this.folder, 'data');
  readonly warnings: string[] = [];
  overlay: Overlay;
  #blobs = 0;

  constructor(options: Partial<OverlayOptions> = {}) {
    this.overlay = this.open(options);
  }

  open(options: Partial<OverlayOptions> = {}): Overlay {
    this.overlay = createOverlay({
      dataRoot: this.dataRoot,
      onWarning: (text) => this.warnings.push(text),
      ...options,
    });
    return this.overlay;
  }

  blob(bytes: Uint8Array): string {
    const path = join(this.folder, `blob-${(this.#blobs += 1)}`);
    writeFileSync(path, bytes);
    return path;
  }

  /** Unpacks an archive of these entries as a new layer. */
  async layer(...sources: TarSource[]): Promise<string> {
    return this.layerOn([], ...sources);
  }

  /** The same on top of others, base first. */
  async layerOn(below: readonly string[], ...sources: TarSource[]): Promise<string> {
    const chainId = someChainId();
    await this.overlay.unpackLayer({ chainId, blobPath: this.blob(await archive(...sources)), below });
    return chainId;
  }

  /** Makes and mounts a root on these layers. */
  async root(id: string, ...layers: string[]): Promise<string> {
    await this.overlay.createRoot(id, layers);
    return this.overlay.mountRoot(id);
  }

  diffOf(chainId: string): string {
    return join(this.dataRoot, 'overlay/layers', chainId.slice('sha256:'.length), 'diff');
  }

  /** Names under `overlay/<folder>`. */
  names(folder: string): string[] {
    return readdirSync(join(this.dataRoot, 'overlay', folder));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { id } of await this.overlay.listRoots()) await this.overlay.removeRoot(id);
    await until('all is deleted', () => this.names('trash').length === 0);
    await this.overlay[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
