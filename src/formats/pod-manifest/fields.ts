import { EngineError } from '#domain/error/engine-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** `invalid` `manifest.invalid`: the file cannot be a pod. */
export const badManifest = (text: string): EngineError =>
  new EngineError('invalid', 'manifest.invalid', text);

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members of an object of a manifest: each is asked for once, and who is never asked for gets a warning. */
export class Reader {
  readonly #fields: Fields;
  readonly #place: string;
  readonly #warnings: string[];
  readonly #read = new Set<string>();

  constructor(value: unknown, place: string, warnings: string[]) {
    if (value !== undefined && value !== null && !isFields(value)) throw badManifest(`${place} is no object`);
    this.#fields = isFields(value) ? value : {};
    this.#place = place;
    this.#warnings = warnings;
  }

  at(name: string): string {
    return this.#place === '' ? name : `${this.#place}.${name}`;
  }

  raw(name: string): unknown {
    this.#read.add(name);
    return this.#fields[name] ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    // YAML reads an unquoted 8080 as a number: what stands there is what is meant.
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return String(value);
    throw badManifest(`${this.at(name)} is no text`);
  }

  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw badManifest(`${this.at(name)} is neither true nor false`);
  }

  integer(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || Number.isInteger(value)) return value as number | undefined;
    throw badManifest(`${this.at(name)} is no whole number`);
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as readonly unknown[];
    throw badManifest(`${this.at(name)} is no list`);
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      throw badManifest(`${this.at(name)} holds something else than text`);
    });
  }

  textMap(name: string): Record<string, string> {
    const value = this.raw(name);
    if (value === undefined) return {};
    if (!isFields(value)) throw badManifest(`${this.at(name)} is no object`);
    return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
  }

  inside(name: string): Reader {
    return new Reader(this.raw(name), this.at(name), this.#warnings);
  }

  each(name: string): Reader[] {
    return this.list(name).map((value, index) => {
      if (!isFields(value)) throw badManifest(`${this.at(name)}[${index}] is no object`);
      return new Reader(value, `${this.at(name)}[${index}]`, this.#warnings);
    });
  }

  warn(text: string): void {
    this.#warnings.push(text);
  }

  /** Reads and drops what changes nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** A warning for each member that nobody asked for. To be called last. */
  finish(): void {
    for (const name of Object.keys(this.#fields))
      if (!this.#read.has(name)) this.#warnings.push(`${this.at(name)} is not supported and was left out`);
  }
}
