import type { ShownError } from '#api/dialect/change.ts';
import type { Reply } from '#api/http/reply.ts';
import type { EngineError } from '#domain/error/engine-error.ts';
import { sayAs } from './wording/sentence.ts';
import { END_OF_INPUT, TODAY } from './wording/today.ts';

type Shown = Pick<EngineError, 'kind' | 'code' | 'message' | 'params'>;

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
 * answers 404, so there only a missing image may. Its own sentences where it had one, else the engine's.
 */
export const presentError = (error: Shown, { route }: { readonly route?: string }): ShownError => {
  const said = sayAs(TODAY, error, route);
  const message = said?.message ?? (cutsShort(error.message, route) ? END_OF_INPUT : error.message);
  const isJson = route === 'port-change' && JSON_CODES.has(error.code);
  return {
    status: said?.status ?? statusOf(error, route),
    message: isJson ? `failed to parse json: ${message}` : message,
  };
};

/** Routes that read all before they parse: another sentence for what is cut short. */
const cutsShort = (message: string, route: string | undefined): boolean =>
  /(?:^|: )(?:unexpected )?EOF$/u.test(message) && route !== undefined && READ_WHOLE.has(route);

const READ_WHOLE: ReadonlySet<string> = new Set([
  'pod-create',
  'pod-run',
  'pod-labels',
  'container-create',
  'port-change',
  'service-add',
  'service-update',
  'service-delete',
]);

const JSON_CODES: ReadonlySet<string> = new Set(['body.syntax', 'body.type', 'body.empty']);

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
