import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** The importing file, below the repository's root. */
  readonly file: string;
  /** As written: `#domain/error/engine-error.ts`, `./x.ts`, `node:fs`, `typebox`. */
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** Every source file below src/, tests left out: they may import what they test and what they test it with. */
export function listSources(): string[] {
  return globSync('src/**/*.ts', { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

export function scanImports(file: string): Import[] {
  const text = withoutComments(readFileSync(join(ROOT, file), 'utf8'));
  const statements = [...text.matchAll(STATEMENT)].map(([whole, type, specifier = '']) => ({
    file,
    specifier,
    isTypeOnly: type !== undefined || hasOnlyTypeNames(whole),
  }));
  const dynamic = [...text.matchAll(DYNAMIC)].map(([, specifier = '']) => ({
    file,
    specifier,
    isTypeOnly: false,
  }));
  return [...statements, ...dynamic];
}

/** Where an import of ours leads, below src/; undefined for outside packages and Node's modules. */
export function toSourcePath({ file, specifier }: Import): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (!specifier.startsWith('.')) return undefined;
  return posix.relative('src', posix.join(dirname(file), specifier));
}

/** `undici/types/dispatcher.js` and `node:fs/promises` belong to `undici` and `node:fs`. */
export function toPackageName(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** `import { type A, type B } from …`. */
function hasOnlyTypeNames(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1];
  if (names === undefined || !/^\s*(?:import|export)\s*\{/.test(statement)) return false;
  return names
    .split(',')
    .filter((name) => name.trim() !== '')
    .every((name) => name.trim().startsWith('type '));
}

/** Whole lines only: a `//` later in a line may stand inside a text. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '');
}
