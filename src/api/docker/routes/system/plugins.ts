import type { Method } from '#api/dialect/route.ts';
import { defineRoute } from '#api/docker/context.ts';
import { EngineError } from '#domain/error/engine-error.ts';
import { Type } from '#api/dialect/type.ts';

const plugins = defineRoute({
  id: 'plugin-list',
  method: 'GET',
  path: '/plugins',
  summary: 'Plugins: none',
  since: '1.25',
  replies: { 200: Type.Array(Type.Unknown()) },
  handler: async () => ({ kind: 'json', status: 200, body: [] }),
});

const Settings = Type.Optional(Type.Array(Type.String()));

const Privileges = Type.Optional(
  Type.Array(
    Type.Object({
      Name: Type.Optional(Type.String()),
      Description: Type.Optional(Type.String()),
      Value: Type.Optional(Type.Array(Type.String())),
    }),
  ),
);

/** What is sent is judged before a plugin is looked for. */
type Sent = typeof Settings | typeof Privileges;

type Door = readonly [
  method: Method,
  path: `${string}{name}${string}`,
  since: string,
  id: string,
  body?: Sent,
];

/** Of one plugin, and there is none. */
const DOORS: readonly Door[] = [
  ['GET', '/plugins/{name}/json', '1.25', 'plugin-inspect'],
  ['POST', '/plugins/{name}/enable', '1.25', 'plugin-enable'],
  ['POST', '/plugins/{name}/disable', '1.25', 'plugin-disable'],
  ['POST', '/plugins/{name}/set', '1.25', 'plugin-set', Settings],
  ['POST', '/plugins/{name}/push', '1.25', 'plugin-push'],
  ['POST', '/plugins/{name}/upgrade', '1.26', 'plugin-upgrade', Privileges],
  ['DELETE', '/plugins/{name}', '1.25', 'plugin-remove'],
];

const taking = (body: Sent | undefined) => (body === undefined ? {} : { body, bodyType: 'json' as const });

const missing = ([method, path, since, id, body]: Door) =>
  defineRoute({
    id,
    method,
    path,
    since,
    ...taking(body),
    summary: `${id.replaceAll('-', ' ')}: there is none`,
    replies: {},
    handler: ({ params }) => {
      const { name } = params;
      throw new EngineError('not-found', 'plugin.not-found', `plugin "${name}" not found`, {
        params: { name },
      });
    },
  });

type Maker = readonly [method: Method, path: string, since: string, id: string, body?: Sent];

const MAKERS: readonly Maker[] = [
  ['GET', '/plugins/privileges', '1.25', 'plugin-privileges'],
  ['POST', '/plugins/pull', '1.25', 'plugin-pull', Privileges],
  ['POST', '/plugins/create', '1.25', 'plugin-create'],
];

const NO_PLUGINS = 'Plugins are not supported: what they bring is built in, or not there';

const refused = ([method, path, since, id, body]: Maker) =>
  defineRoute({
    id,
    method,
    path,
    since,
    ...taking(body),
    summary: `${id.replaceAll('-', ' ')}: there are none`,
    replies: {},
    handler: () => {
      throw new EngineError('unsupported', 'plugin.none', NO_PLUGINS);
    },
  });

export const PLUGIN_ROUTES = [plugins, ...DOORS.map(missing), ...MAKERS.map(refused)];
