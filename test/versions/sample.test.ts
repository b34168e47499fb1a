import { testLedger } from './ledger.ts';
import { sampleDialect } from './sample-dialect.ts';
import { testDialect } from './suite.ts';

testDialect(sampleDialect, 60);

testLedger(sampleDialect, [
  { in: '1.3', line: 'crates are listed once', by: ['change:crate-per-tag', 'Crate.Tags'] },
  { in: '1.3', line: 'drawings are gone', by: ['route:crate-draw'] },
  { in: '1.4', line: 'shelves', by: ['route:shelf-list', 'Straps.Colour'] },
  { in: '1.4', line: 'faster', notOurs: 'nothing on the wire' },
]);
