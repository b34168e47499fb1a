import { dockerDialect } from '#api/docker/dialect.ts';
import { IMAGE_LEDGER } from './ledger-images.ts';
import { testLedger } from './ledger.ts';

testLedger(dockerDialect, IMAGE_LEDGER);
