import { engineError } from '#domain/error/catalogue.ts';
import { parseByteSize } from '#domain/value/byte-size.ts';
import { readPattern } from './attributes.ts';
import { isLogTag } from './tag.ts';
import type { HostConfig } from '#domain/container/config.ts';

type LogConfig = HostConfig['logConfig'];

/** Options every driver takes. */
const ANY_DRIVER = ['mode', 'max-buffer-size'];

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-size', 'max-file', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: ['max-size', 'max-file', 'compress'],
  none: [],
  syslog: [
    'syslog-address',
    'syslog-facility',
    'syslog-format',
    'tag',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
    'cache-disabled',
    'cache-max-size',
    'cache-max-file',
    'cache-compress',
  ],
  journald: ['tag', 'labels', 'labels-regex', 'env', 'env-regex'],
};

export const LOG_DRIVERS: readonly string[] = Object.keys(OPTIONS);

/** Known to Docker, not to us. */
const ELSEWHERE = new Set('gelf fluentd awslogs splunk gcplogs logentries etwlogs'.split(' '));

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
  if (config.type === 'syslog') verifySyslog(config);
  verifyAttributes(config);
  return config;
};

/** The tag, and the patterns that choose labels and variables. */
const verifyAttributes = ({ config }: LogConfig): void => {
  const { tag = '' } = config;
  if (!isLogTag(tag)) throw engineError('log.option-value', { option: 'tag', value: tag });
  for (const option of ['labels-regex', 'env-regex']) {
    const value = config[option] ?? '';
    if (readPattern(value) === undefined) throw engineError('log.option-value', { option, value });
  }
};

/** Addresses and formats are read where they are used, by their standard: here only their words count. */
const verifySyslog = ({ config }: LogConfig): void => {
  for (const [option, allowed] of Object.entries(SYSLOG_VALUES)) {
    const value = config[option] ?? '';
    if (!allowed.test(value)) throw engineError('log.option-value', { option, value });
  }
};

const SYSLOG_VALUES: Readonly<Record<string, RegExp>> = {
  'syslog-address': /^(?:|(?:unix|unixgram):\/\/\/.+|(?:udp|tcp):\/\/(?:\[[^\]]+\]|[^:/]+)(?::\d{1,5})?)$/u,
  'syslog-format': /^(?:|rfc3164|rfc5424|rfc5424micro)$/u,
  'syslog-facility':
    /^(?:|kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]|\d|1\d|2[0-3])$/u,
};

/** Drivers that never let the log grow without end: `local`, and what is kept of output that is sent elsewhere. */
const ROTATION: Readonly<Record<string, { readonly size: string; readonly files: string }>> = {
  local: { size: '20m', files: '5' },
  syslog: { size: '20m', files: '5' },
  journald: { size: '20m', files: '5' },
};

/** Rotation by size; undefined = the log grows. `maxFiles` counts the current one. */
export const rotationOf = ({
  type,
  config,
}: LogConfig): { maxSizeBytes: number; maxFiles: number } | undefined => {
  const fallback = Object.hasOwn(ROTATION, type) ? ROTATION[type] : undefined;
  const size = config['max-size'] ?? fallback?.size;
  const files = config['max-file'] ?? fallback?.files;
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
