import { Type } from 'typebox';
import { EngineError } from '#domain/error/engine-error.ts';
import type { DialectSpec } from '#api/dialect/dialect.ts';
import { since } from '#api/dialect/lifetime.ts';
import { routesFor } from '#api/dialect/route.ts';
import { sampleChanges } from './sample-changes.ts';
import { Crate, CratePlan, ListQuery, Shelf, SizeQuery, Step } from './sample-schemas.ts';

/** What the sample's handlers use: it records what they were asked, and gives what they answer. */
export type SampleContext = { readonly asked: unknown[]; readonly crates: readonly object[] };

const defineRoute = routesFor<SampleContext>();

const noCrate = (name: string): EngineError =>
  new EngineError('not-found', 'crate.not-found', `crate ${name} not found`, { params: { name } });

const Headers = Type.Object({ 'X-Auth': Type.Optional(Type.String(since('1.2'))) });

export const sampleRoutes = [
  defineRoute({
    id: 'crate-list',
    method: 'GET',
    path: '/crates/json',
    summary: 'List crates',
    query: ListQuery,
    headers: Headers,
    replies: { 200: Type.Array(Crate) },
    handler: async ({ query, headers }, { asked, crates }) => {
      asked.push({ query, headers });
      return { kind: 'json', status: 200, body: crates };
    },
  }),
  defineRoute({
    id: 'crate-create',
    method: 'POST',
    path: '/crates/create',
    summary: 'Create a crate',
    body: CratePlan,
    bodyType: 'json',
    replies: { 201: Type.Object({ Id: Type.String() }) },
    handler: async ({ body }, { asked }) => {
      asked.push(body);
      return { kind: 'json', status: 201, body: { Id: '1' } };
    },
  }),
  defineRoute({
    id: 'crate-inspect',
    method: 'GET',
    path: '/crates/{name}/json',
    summary: 'Show a crate',
    replies: { 200: Shelf },
    handler: async ({ params }, { crates }) => {
      if (params.name === 'broken') throw new TypeError('a bug');
      if (params.name === 'none') throw noCrate(params.name);
      return { kind: 'json', status: 200, body: { Name: params.name, Crates: crates } };
    },
  }),
  defineRoute({
    id: 'crate-delete',
    method: 'DELETE',
    path: '/crates/{name}',
    summary: 'Delete a crate',
    replies: { 200: Type.Array(Type.String()) },
    handler: async ({ params }) => ({ kind: 'json', status: 200, body: [params.name] }),
  }),
  defineRoute({
    id: 'crate-pack',
    method: 'POST',
    path: '/crates/{name}/pack',
    summary: 'Pack a crate',
    body: Type.Optional(CratePlan),
    replies: { 204: null },
    handler: async ({ body }, { asked }) => {
      asked.push(body?.Owner);
      throw new EngineError('unchanged', 'crate.packed', 'packed already');
    },
  }),
  defineRoute({
    id: 'crate-resize',
    method: 'POST',
    path: '/crates/{name}/resize',
    summary: 'Resize a crate',
    query: SizeQuery,
    replies: { 200: null },
    handler: async ({ query }, { asked }) => {
      asked.push(query.h * query.w);
      return { kind: 'empty', status: 200 };
    },
  }),
  defineRoute({
    id: 'crate-move',
    method: 'POST',
    path: '/crates/{name}/move',
    summary: 'Move a crate',
    since: '1.0',
    replies: { 200: Step },
    handler: async ({ params }) => ({
      kind: 'frames',
      status: 200,
      start: 'with-first',
      contentType: 'application/json',
      frames: moving(params.name),
    }),
  }),
  defineRoute({
    id: 'crate-draw',
    method: 'GET',
    path: '/crates/draw',
    summary: 'Draw the crates',
    until: '1.3',
    replies: { 200: null },
    handler: async () => ({ kind: 'text', status: 200, body: 'old drawing' }),
  }),
  defineRoute({
    id: 'crate-draw-again',
    method: 'GET',
    path: '/crates/draw',
    summary: 'Draw the crates anew',
    since: '1.4',
    strict: true,
    replies: { 200: null },
    handler: async () => ({ kind: 'text', status: 200, body: 'new drawing' }),
  }),
  defineRoute({
    id: 'shelf-list',
    method: 'GET',
    path: '/shelves',
    summary: 'List shelves',
    since: '1.4',
    replies: { 200: Type.Array(Shelf) },
    handler: async (_request, { crates }) => ({
      kind: 'json',
      status: 200,
      body: [{ Name: 's', Crates: crates, Best: { Maker: 'm', Stamp: 's' } }],
    }),
  }),
  defineRoute({
    id: 'crate-talk',
    method: 'POST',
    path: '/crates/{name}/talk',
    summary: 'Talk to a crate',
    hijack: true,
    replies: { 101: null },
    handler: async () => ({ kind: 'hijack', contentType: 'raw', serve: async () => {} }),
  }),
  defineRoute({
    id: 'crate-sing',
    method: 'POST',
    path: '/crates/{name}/sing',
    summary: 'Make a crate sing',
    replies: {},
    planned: 'crates cannot sing yet',
  }),
  defineRoute({
    id: 'ping',
    method: 'HEAD',
    path: '/ping',
    summary: 'Is anybody there',
    replies: { 200: null },
    handler: async () => ({ kind: 'empty', status: 200 }),
  }),
];

async function* moving(name: string) {
  if (name === 'none') throw noCrate(name);
  yield { status: 'lifting', done: 1 };
  yield { status: 'put down' };
}

const STATUS: Record<string, number> = { invalid: 400, 'not-found': 404, unchanged: 304, unsupported: 501 };

export const sampleDialect: DialectSpec<SampleContext> = {
  name: 'sample',
  versions: { oldest: '1.0', newest: '1.6' },
  prefix: /^\/v([0-9.]+)(?=\/|$)/,
  refuse: {
    tooNew: (sent) => ({ status: 400, message: `${sent} is too new` }),
    tooOld: (sent) => ({ status: 400, message: `${sent} is too old` }),
  },
  notFound: { status: 404, message: 'page not found' },
  routes: sampleRoutes,
  changes: sampleChanges,
  headers: [
    { name: 'Api-Version', value: '1.6' },
    { name: 'Server', value: () => 'Sample/1', alive: since('1.3'), except: ['refused', 'hijacked'] },
    { name: 'X-Absent', value: () => undefined },
  ],
  presentError: (error) => ({ status: STATUS[error.kind] ?? 500, message: error.message }),
  errorReply: ({ status, message }) => ({ kind: 'json', status, body: { message } }),
};
