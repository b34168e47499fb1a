import { engineError } from '#domain/error/catalogue.ts';
import { parseByteSize } from '#domain/value/byte-size.ts';
import type { HostConfig } from './config.ts';

type LogConfig = HostConfig['logConfig'];

/** Options every driver takes. */
const ANY_DRIVER = ['mode', 'max-buffer-size'];

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-size', 'max-file', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: ['max-size', 'max-file', 'compress'],
  none: [],
};

/** Known to Docker, not to us. */
const ELSEWHERE = new Set(
  'syslog journald gelf fluentd awslogs splunk gcplogs logentries etwlogs'.split(' '),
);

/** Driver and options with the daemon's defaults; throws `log.*` (docker-semantics.md 9.1, docker-modern.md 3.3). */
export const resolveLogConfig = (wanted: LogConfig, fallback: LogConfig): LogConfig => {
  const config =
    wanted.type === '' ? { type: fallback.type, config: { ...fallback.config, ...wanted.config } } : wanted;
  const known = Object.hasOwn(OPTIONS, config.type) ? OPTIONS[config.type] : undefined;
  if (known === undefined) {
    throw engineError(ELSEWHERE.has(config.type) ? 'log.driver-unsupported' : 'log.unknown-driver', {
      driver: config.type,
    });
  }
  for (const option of Object.keys(config.config)) {
    if (!known.includes(option) && !ANY_DRIVER.includes(option)) {
      throw engineError('log.unknown-option', { option, driver: config.type });
    }
  }
  rotationOf(config);
  return config;
};

/** Rotation by size; undefined = the log grows. `maxFiles` counts the current one. */
export const rotationOf = ({ config }: LogConfig): { maxSizeBytes: number; maxFiles: number } | undefined => {
  const size = config['max-size'];
  const files = config['max-file'];
  const maxFiles = files === undefined ? 1 : Number(files);
  if (!Number.isInteger(maxFiles) || maxFiles < 1)
    throw engineError('log.option-value', { option: 'max-file', value: files ?? '' });
  if (size === undefined) return undefined;
  return { maxSizeBytes: parseSize(size), maxFiles };
};

const parseSize = (text: string): number => {
  const bytes = parseByteSize(text);
  if (bytes === undefined || bytes === 0)
    throw engineError('log.option-value', { option: 'max-size', value: text });
  return bytes;
};
