import { parseVersion } from '#api/dialect/version.ts';
import { RouteTable } from '#api/dialect/table.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import type { Question } from '#test/support/versions/ask.ts';
import type { Recorded } from './compare.ts';

export type Scene = { readonly version: string; readonly ids: ReadonlyMap<string, string> };

type Request = { readonly method: string; readonly path: string; readonly question: Question };

/** Whether an image can be made of a container. */
export const hasCommit = dockerDialect.routes.some(({ id, planned }) => id === 'commit' && planned === undefined);
const table = new RouteTable(dockerDialect);

/** Bodies that stand in the recordings only by a word or two in brackets. Names: of the recordings. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  'post-create-badjson': { headers: { 'Content-Type': 'application/json' }, body: Buffer.from('{bad') },
  'post-create-noctype': { headers: { 'Content-Type': 'text/plain' }, body: Buffer.from('{"Image":"busybox"}') },
  'post-create-old': {
    body: { Image: 'busybox:latest', Cmd: ['sh', '-c', 'sleep 100'], Memory: 64 << 20, Volumes: { '/v': {} } },
  },
  'post-start-with-hostconfig': { body: { Binds: ['/srv:/b'], Dns: ['10.231.0.53'] } },
  'post-copy': { body: { Resource: '/etc/passwd' } },
  'post-update': { body: { CpuShares: 256 } },
  'post-create-conflict': { body: { Image: 'busybox', Cmd: ['true'] } },
  'post-create-nocmd': { body: { Image: 'nocommand' } },
  'post-create-noimage': { body: { Image: 'nosuch', Cmd: ['true'] } },
};

/** The recorded request again; undefined for one that cannot be repeated, or whose route does not work yet. */
export const requestOf = (name: string, { request }: Recorded, scene: Scene): Request | undefined => {
  const [method = '', raw = ''] = request.split(' ');
  if (name.startsWith('post-') && !(name in QUESTIONS) && !REPEATABLE.has(name)) return undefined;
  if (name === 'image-inspect-commit' && !hasCommit) return undefined;
  // Users' networks are not there yet.
  if (name === 'network-fixnet') return undefined;
  const path = (name === 'post-create-old' ? `${raw}?name=old` : raw)
    .replace('EXECID', scene.ids.get(name) ?? 'none')
    .replace('since=T0', 'since=1')
    .replace('until=T1', `until=${Math.floor(Date.now() / 1000)}`);
  const [plain = ''] = path.replace(/^\/v[\d.]+/, '').split('?');
  const found = table.find(method, decodeURIComponent(plain), parseVersion(scene.version) ?? 0);
  if (found?.route.planned !== undefined) return undefined;
  if (found === undefined && !name.startsWith('notfound')) return undefined;
  const full = path.startsWith('/v') ? path : `/v${scene.version}${path}`;
  return { method, path: full, question: QUESTIONS[name] ?? {} };
};

/** The life of one container, in the order in which it was recorded; other recordings do not depend on each other. */
export const LIFE_OF_OLD = [
  'post-create-old',
  'post-start-with-hostconfig',
  'inspect-old',
  'post-kill-badsignal',
  'post-resize',
  'post-rename-conflict',
  'post-update',
  'post-copy',
  'delete-force',
  'delete-missing',
];

/** Requests that change nothing, or fail. */
const REPEATABLE = new Set([
  ...LIFE_OF_OLD,
  'post-pause-again',
  'post-start-already',
  'post-stop-already',
  'post-start-badcmd',
  'post-wait-done',
  'post-remove-running',
  'post-remove-image-inuse',
  'post-volume-remove-inuse',
]);
