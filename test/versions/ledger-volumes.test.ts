import { dockerDialect } from '#api/docker/dialect.ts';
import { VOLUME_LEDGER } from './ledger-volumes.ts';
import { testLedger } from './ledger.ts';

testLedger(dockerDialect, VOLUME_LEDGER);
