import { EngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind } from '#domain/error/engine-error.ts';
import type { Answer } from './transport.ts';
import { readBody } from './transport.ts';
import { parseChallenge } from './challenge.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
const TEXT_LIMIT = 300;

/** An error of the registry API: `MANIFEST_UNKNOWN` and its sentence. */
type Complaint = { readonly code: string; readonly message: string };

const KINDS: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  401: ['unauthenticated', 'registry.unauthorized'],
  403: ['forbidden', 'registry.denied'],
  404: ['not-found', 'registry.not-found'],
  405: ['unsupported', 'registry.unsupported'],
  429: ['unavailable', 'registry.too-many-requests'],
};

/** What is said when a registry answers without an error body of its own. */
const USUAL: Readonly<Record<number, Complaint>> = {
  401: { code: 'UNAUTHORIZED', message: 'authentication required' },
  403: { code: 'DENIED', message: 'requested access to the resource is denied' },
  429: { code: 'TOOMANYREQUESTS', message: 'too many requests' },
};

/**
 * Turns an error answer into an EngineError whose message is Docker's form of the registry's words:
 * `manifest unknown: manifest unknown`. Params: registryCode, text, status. Reads the body up.
 * `missing` names the thing for a 404: its complaint code without a body, and our error code.
 */
export const toRegistryError = async (
  answer: Answer,
  missing: { readonly code: string; readonly registryCode: string },
): Promise<EngineError> => {
  const { status } = answer;
  const complaint = await complaintOf(answer, missing.registryCode);
  const [kind, code] = KINDS[status] ?? ['unavailable', 'registry.failed'];
  const words = complaint.code.toLowerCase().replaceAll('_', ' ');
  const text = `${words}: ${complaint.message || words}`;
  return new EngineError(kind, status === 404 ? missing.code : code, text, {
    params: { registryCode: complaint.code, text, status },
  });
};

const complaintOf = async (answer: Answer, missingCode: string): Promise<Complaint> => {
  const challenge = parseChallenge(answer.headers['www-authenticate']);
  // The header says it better than the body, which is UNAUTHORIZED either way (RFC 6750, 3.1).
  const isDenied = challenge?.scheme === 'bearer' && challenge.error === 'insufficient_scope';
  const bytes = await readBody(answer, BODY_LIMIT_BYTES).catch(() => new Uint8Array());
  if (isDenied) return USUAL[403] ?? { code: 'DENIED', message: '' };
  const own = parseComplaint(new TextDecoder().decode(bytes));
  if (own !== undefined) return own;
  if (answer.status === 404) return { code: missingCode, message: '' };
  return (
    USUAL[answer.status] ?? { code: 'UNKNOWN', message: `${answer.url.href}: HTTP status ${answer.status}` }
  );
};

/** The first of `{"errors":[{"code","message"}]}`, or a token server's `{"details"}`; undefined for other text. */
const parseComplaint = (text: string): Complaint | undefined => {
  const body = parseObject(text);
  const errors = body?.['errors'];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (isObject(first)) {
    const code = textOf(first['code']) || 'UNKNOWN';
    return { code, message: textOf(first['message']) };
  }
  const details = textOf(body?.['details']);
  return details === '' ? undefined : { code: 'UNAUTHORIZED', message: details };
};

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Proxies answer with pages; the status has to do.
    return undefined;
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : '');
