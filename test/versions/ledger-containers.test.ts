import { dockerDialect } from '#api/docker/dialect.ts';
import { CONTAINER_LEDGER } from './ledger-containers.ts';
import { testLedger } from './ledger.ts';

testLedger(dockerDialect, CONTAINER_LEDGER);
