import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeSeccomp, RuntimeSpec } from '#formats/oci-runtime/spec.ts';
import { toExactJson } from '#lib/exact-json.ts';

/** crun loads the filter it carries instead of compiling a profile. */
const filterAnnotation = 'run.oci.seccomp_bpf_data';
/** Where distributions keep the library that compiles profiles; it has no command that tells its version. */
const libraryFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/lib',
];

/**
 * Compiled seccomp filters. A profile costs some 15 ms CPU in every container; the first container of a
 * profile lets crun compile it, later ones carry the result. A filter belongs to one profile, crun,
 * libseccomp and architecture; the profile's JSON already names the container's capabilities' effect.
 */
export class SeccompCache {
  readonly #folder: string;
  readonly #compiler: string;
  /** Base64, by key. */
  readonly #filters = new Map<string, string>();
  /** Engines hand over the same profile object again and again. */
  readonly #keys = new WeakMap<RuntimeSeccomp, string>();

  constructor(options: { readonly folder: string; readonly runtimeVersion: string }) {
    this.#folder = options.folder;
    this.#compiler = `${options.runtimeVersion} ${describeLibrary()} ${process.arch}`;
  }

  /** The spec with the compiled filter in place of its profile, if there is one; else the spec itself. */
  async apply(spec: RuntimeSpec): Promise<RuntimeSpec> {
    const { linux } = spec;
    if (linux?.seccomp === undefined) return spec;
    const filter = await this.#find(this.#keyOf(linux.seccomp));
    if (filter === undefined) return spec;
    const { seccomp: _, ...others } = linux;
    return { ...spec, linux: others, annotations: { ...spec.annotations, [filterAnnotation]: filter } };
  }

  /** Keeps what crun compiled for `spec`; `state` is the container's folder there. */
  async learn(spec: RuntimeSpec, state: string): Promise<void> {
    const profile = spec.linux?.seccomp;
    if (profile === undefined) return;
    const key = this.#keyOf(profile);
    if (this.#filters.has(key)) return;
    const filter = await readOptional(join(state, 'seccomp.bpf'));
    // struct sock_filter has eight bytes.
    if (filter === undefined || filter.length === 0 || filter.length % 8 !== 0) return;
    // Another container that was made at the same time may have been quicker.
    if (this.#filters.has(key)) return;
    this.#filters.set(key, filter.toString('base64'));
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, `${key}.bpf`);
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, filter, { mode: 0o600, flush: true });
    await rename(temporary, path);
  }

  #keyOf(profile: RuntimeSeccomp): string {
    const known = this.#keys.get(profile);
    if (known !== undefined) return known;
    const key = createHash('sha256')
      .update(`${this.#compiler}\n${toExactJson(profile)}`)
      .digest('hex');
    this.#keys.set(profile, key);
    return key;
  }

  async #find(key: string): Promise<string | undefined> {
    const known = this.#filters.get(key);
    if (known !== undefined) return known;
    const stored = await readOptional(join(this.#folder, `${key}.bpf`));
    if (stored === undefined || stored.length === 0 || stored.length % 8 !== 0) return undefined;
    const filter = stored.toString('base64');
    this.#filters.set(key, filter);
    return filter;
  }
}

const readOptional = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path);
  } catch {
    // Not compiled yet, or by a runtime that does not keep it.
    return undefined;
  }
};

/** The file's real name ends with the version; its time tells rebuilds apart. */
const describeLibrary = (): string => {
  for (const folder of libraryFolders) {
    try {
      const path = realpathSync(join(folder, 'libseccomp.so.2'));
      return `${path} ${statSync(path).mtimeMs}`;
    } catch {
      // Not in this folder.
    }
  }
  return 'libseccomp unknown';
};

/** Runtimes that write `seccomp.bpf` and read the annotation. */
export const knowsCompiledSeccomp = (version: string): boolean => /^1\.\d+/.test(version);

export const fileFingerprint = (path: string): string => {
  const { size, mtimeMs } = statSync(path);
  return `${size}-${mtimeMs}`;
};
