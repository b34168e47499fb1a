import type { ShownError } from '#api/dialect/change.ts';
import type { Reply } from '#api/http/reply.ts';
import type { EngineError } from '#domain/error/engine-error.ts';

/** Codes of pods that are not in a state to be started or used: 412 (hyperd-api 0.4). */
const NOT_ALIVE: ReadonlySet<string> = new Set(['pod.not-running', 'pod.dead']);

/**
 * hyperd tells few errors apart and everything else is 500. Clients pull images when a create answers 404,
 * so there only a missing image may; old clients look for the words they know (hyperd-api 0.4).
 */
export const presentError = (
  error: Pick<EngineError, 'kind' | 'code' | 'message'>,
  { route }: { readonly route?: string },
): ShownError => {
  const { kind, code, message } = error;
  if (code === 'image.not-found')
    return { status: 404, message: `${message}: could not find image: no such id` };
  if (NOT_ALIVE.has(code)) return { status: 412, message };
  if (kind === 'not-found') return { status: route?.endsWith('-create') === true ? 500 : 404, message };
  if (kind === 'unauthenticated') return { status: 401, message };
  return { status: 500, message };
};

/** The bare message and a newline. */
export const errorReply = ({ status, message }: ShownError): Reply => ({
  kind: 'text',
  status,
  body: `${message}\n`,
});
