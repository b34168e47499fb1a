import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { AnyDialect } from './laboratory.ts';
import { testDialect } from './suite.ts';

const home = new URL('../../src/api/docker/dialect.ts', import.meta.url);

if (existsSync(home)) {
  const { dockerDialect } = (await import(home.href)) as { dockerDialect: AnyDialect };
  testDialect(dockerDialect);
} else {
  test('the Docker dialect is not written yet', { skip: true });
}
