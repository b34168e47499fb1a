import type { ShownError } from '#api/dialect/change.ts';
import type { Reply } from '#api/http/reply.ts';
import type { EngineError } from '#domain/error/engine-error.ts';

type Shown = Pick<EngineError, 'kind' | 'code' | 'message'>;

/** Codes with a status of their own on some routes or on all (hyperd-api 0.4, 2). */
const RULES: readonly {
  readonly routes?: readonly string[];
  readonly codes?: readonly string[];
  readonly kinds?: readonly EngineError['kind'][];
  readonly status: number;
}[] = [
  { codes: ['image.not-found'], status: 404 },
  { routes: ['image-pull'], kinds: ['not-found'], status: 404 },
  { routes: ['port-list', 'port-change'], codes: ['pod.not-found'], status: 404 },
  { routes: ['container-stop'], codes: ['pod.no-container'], status: 404 },
  { routes: ['port-change'], codes: ['body.syntax', 'body.type', 'body.empty', 'port.action'], status: 400 },
  { routes: ['pod-start'], codes: ['pod.not-running', 'pod.busy', 'pod.dead', 'pod.paused'], status: 412 },
  { codes: ['logs.no-stream'], status: 400 },
  { codes: ['container.conflict'], status: 409 },
  { routes: ['image-remove', 'images-remove', 'images-remove-old'], kinds: ['conflict'], status: 409 },
  { kinds: ['unauthenticated'], status: 401 },
  { kinds: ['forbidden'], status: 403 },
  { codes: ['pod.isolation', 'pod.volume-unsupported', 'route.planned'], status: 501 },
];

/**
 * hyperd tells few errors apart and everything else is 500, also what is unknown. Clients pull images when a create
 * answers 404, so there only a missing image may; old clients look for the words they know.
 */
export const presentError = (error: Shown, { route }: { readonly route?: string }): ShownError => {
  const status = statusOf(error, route);
  if (error.code !== 'image.not-found') return { status, message: error.message };
  const words = error.message.replace(/^no such/, 'No such');
  return { status, message: `${words}: could not find image: no such id` };
};

const statusOf = ({ kind, code }: Shown, route: string | undefined): number => {
  const rule = RULES.find(
    ({ routes, codes, kinds }) =>
      (routes === undefined || (route !== undefined && routes.includes(route))) &&
      (codes === undefined || codes.includes(code)) &&
      (kinds === undefined || kinds.includes(kind)),
  );
  return rule?.status ?? 500;
};

/** The bare message and a newline. */
export const errorReply = ({ status, message }: ShownError): Reply => ({
  kind: 'text',
  status,
  body: `${message}\n`,
});
