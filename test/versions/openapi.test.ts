import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';

const FOLDER = fileURLToPath(new URL('../../docs/api', import.meta.url));

/**
 * The written descriptions are descriptions. That answers are as they say is proved on a real daemon, in
 * test/system/versions: those judge by what these files are made of, and `npm run docs -- --check` sees that
 * the files are made of it.
 */
describe('OpenAPI descriptions', () => {
  const files = globSync('*/openapi/*.json', { cwd: FOLDER }).toSorted();
  it('there is one for each version', () => assert.ok(files.length >= 52, String(files.length)));
  for (const file of files)
    it(file, async () => {
      const validator = new Validator();
      const document = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Record<string, unknown>;
      const { valid, errors } = await validator.validate(document);
      assert.ok(valid, JSON.stringify(errors ?? [], undefined, 1));
      assert.equal(path.basename(file, '.json'), (document['info'] as { version: string }).version);
    });
});
