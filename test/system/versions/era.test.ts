import { formatVersion, allVersions } from '#api/dialect/version.ts';
import { testVersions } from './every-version.ts';

testVersions(allVersions('1.0', '1.21').map(formatVersion));
