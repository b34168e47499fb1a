import { dockerDialect } from '#api/docker/dialect.ts';
import { SYSTEM_LEDGER } from './ledger-system.ts';
import { testLedger } from './ledger.ts';

testLedger(dockerDialect, SYSTEM_LEDGER);
