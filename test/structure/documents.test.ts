import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './imports.ts';

const documents = ['README.md', 'ARCHITECTURE.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

test('files and folders that ARCHITECTURE.md names exist', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const paths = text.match(
    /\b(?:(?:src|test|tools|bin|docs)\/)?[a-z-]+\/[a-z/-]+(?:\.ts|\.mjs)|\b(?:api|adapters)\/[a-z/-]+\//g,
  );
  const missing = (paths ?? []).filter(
    (path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, 'src', path)),
  );
  assert.deepEqual(missing, []);
});

test('links between documents lead somewhere', () => {
  const broken = documents.flatMap((document) => {
    const links = readFileSync(join(ROOT, document), 'utf8').matchAll(
      /\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g,
    );
    return [...links]
      .map(([, link = '']) => link)
      .filter((link) => !existsSync(join(ROOT, dirname(document), link)))
      .map((link) => `${document}: ${link}`);
  });
  assert.deepEqual(broken, []);
});

test('the decisions are listed, each once, in order', () => {
  const pages = globSync('docs/decisions/[0-9]*.md', { cwd: ROOT }).map((path) =>
    path.slice('docs/decisions/'.length),
  );
  const list = readFileSync(join(ROOT, 'docs/decisions/README.md'), 'utf8');
  const listed = [...list.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
  assert.deepEqual(listed, pages.toSorted());
});

test('ARCHITECTURE.md stays below 300 lines', () => {
  assert.ok(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split('\n').length <= 300);
});
