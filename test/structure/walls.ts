import { LAYERS, type Layer } from './layers.ts';

export interface Override {
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

/**
 * The layer table as lint rules. One rule per layer: everything is forbidden, then the negated patterns open
 * what the table allows. The pattern for types comes first, because a negation ends the linter's search.
 */
export function toWallOverrides(): Override[] {
  return LAYERS.toSorted((one, other) => one.folder.length - other.folder.length).map((layer) => ({
    files: [`src/${layer.folder}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: toPatterns(layer) }] },
  }));
}

/** The overrides that toWallOverrides makes, among all of the file. */
export function isWall({ files }: Override): boolean {
  return files.length === 1 && /^src\/[a-z/]+\/\*\*\/\*\.ts$/.test(files[0] ?? '');
}

function toPatterns(layer: Layer): object[] {
  const typesOnly = layer.oursTypesOnly ?? [];
  const allowed = [
    ...[...layer.ours, ...typesOnly].map((path) => `!#${path}${path.endsWith('.ts') ? '' : '/**'}`),
    ...layer.outside.flatMap((name) => [`!${name}`, `!${name}/**`]),
  ];
  const wall = {
    group: ['*', '!./**', ...allowed],
    message: `src/${layer.folder} may not import this: see the table in ARCHITECTURE.md. Across folders use #layer/…, never ../`,
  };
  return [...typesOnly.map((path) => toTypesOnly(layer, path)), wall];
}

function toTypesOnly(layer: Layer, path: string): object {
  return {
    regex: `^#${path}/`,
    allowTypeImports: true,
    message: `src/${layer.folder} may import types from here, but no values.`,
  };
}
