import { hyperDialect } from '#api/hyper/dialect.ts';
import { testDialect } from './suite.ts';

testDialect(hyperDialect);
