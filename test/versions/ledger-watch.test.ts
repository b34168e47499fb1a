import { dockerDialect } from '#api/docker/dialect.ts';
import { testLedger } from './ledger.ts';
import { WATCH_LEDGER } from './ledger-watch.ts';

testLedger(dockerDialect, WATCH_LEDGER);
