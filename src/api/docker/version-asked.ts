import type { HttpRequest } from '#api/http/request.ts';
import { allVersions, formatVersion } from '#api/dialect/version.ts';
import { NEWEST, OLDEST } from './context.ts';

const KNOWN: ReadonlySet<string> = new Set(allVersions(OLDEST, NEWEST).map(formatVersion));

/**
 * Clients from 0.11.1 to 1.2.0 sent streams (import, events, load, save) without a version in the path: they wrote
 * `http://v1.12/events` where `/v1.12/events` was meant, so that it came as `Host: v1.12`.
 */
export const versionAsked = (sent: string, { headers }: Pick<HttpRequest, 'headers'>): string | undefined => {
  if (sent !== '') return undefined;
  const [, text = ''] = /^v(\d+\.\d+)(?::\d+)?$/i.exec(headers['host'] ?? '') ?? [];
  return KNOWN.has(text) ? text : undefined;
};
