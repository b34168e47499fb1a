import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flagFilter, pruneFilter } from './prune-filters.ts';

const thing = { createdAt: Date.now() - 3_600_000, labels: { keep: '', stage: 'test' } };

describe('prune filters', () => {
  it('until is a time or an age', () => {
    assert.equal(pruneFilter({ until: ['30m'] })(thing), true);
    assert.equal(pruneFilter({ until: ['1h30m'] })(thing), false);
    assert.equal(pruneFilter({ until: [String(Date.now() / 1000)] })(thing), true);
    assert.throws(() => pruneFilter({ until: ['1h', '2h'] }), { code: 'filter.value' });
    assert.throws(() => pruneFilter({ until: ['yesterday'] }), { kind: 'invalid' });
  });

  it('label wants all of them, label! none', () => {
    assert.equal(pruneFilter({ label: ['keep', 'stage=test'] })(thing), true);
    assert.equal(pruneFilter({ label: ['keep', 'stage=live'] })(thing), false);
    assert.equal(pruneFilter({ 'label!': ['keep'] })(thing), false);
    assert.equal(pruneFilter({ 'label!': ['other'] })(thing), true);
    assert.equal(pruneFilter({ label: ['toString'] })(thing), false);
  });

  it('other keys are refused unless the route reads them', () => {
    assert.throws(() => pruneFilter({ name: ['a'] }), { code: 'filter.unknown' });
    assert.equal(pruneFilter({ dangling: ['1'] }, ['dangling'])(thing), true);
  });

  it('flags', () => {
    assert.equal(flagFilter({}, 'dangling', true), true);
    assert.equal(flagFilter({ dangling: ['false'] }, 'dangling', true), false);
    assert.throws(() => flagFilter({ dangling: ['maybe'] }, 'dangling', true), { code: 'filter.value' });
  });
});
