import { dockerDialect } from '#api/docker/dialect.ts';
import { testDialect } from './suite.ts';

testDialect(dockerDialect);
