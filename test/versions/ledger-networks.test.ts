import { dockerDialect } from '#api/docker/dialect.ts';
import { NETWORK_LEDGER } from './ledger-networks.ts';
import { testLedger } from './ledger.ts';

testLedger(dockerDialect, NETWORK_LEDGER);
