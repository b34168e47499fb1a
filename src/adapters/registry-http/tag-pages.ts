import { EngineError } from '#domain/error/engine-error.ts';
import type { Answer } from './transport.ts';

/** Tags of one page of `tags/list`; `null` is an empty list. */
export const parseTags = (bytes: Uint8Array): string[] => {
  const tags = readMember(new TextDecoder().decode(bytes));
  if (tags === null) return [];
  if (!Array.isArray(tags)) throw badAnswer();
  return tags.filter((tag): tag is string => typeof tag === 'string');
};

/** Path and query of the next page (RFC 5988 `Link`), only on the same server. */
export const nextPage = (answer: Omit<Answer, 'body'>): string | undefined => {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(answer.headers['link'] ?? '')?.[1];
  const next = target === undefined ? null : URL.parse(target, answer.url.href);
  return next === null || next.origin !== answer.url.origin ? undefined : next.pathname + next.search;
};

const readMember = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'tags' in value ? value.tags : undefined;
  } catch (cause) {
    throw badAnswer(cause);
  }
};

const badAnswer = (cause?: unknown): EngineError =>
  new EngineError('unavailable', 'registry.bad-answer', 'the registry did not answer with a list of tags', {
    cause,
  });
