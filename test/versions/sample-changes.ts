import { Type } from 'typebox';
import {
  address,
  defaulted,
  errorBody,
  errorText,
  framing,
  refused,
  reshape,
  status,
  type Change,
} from '#api/dialect/change.ts';
import { framesToText, withContentType } from '#api/dialect/framing.ts';
import { amend } from '#api/dialect/schema.ts';
import { Crate, CratePlan, ListQuery, Seal } from './sample-schemas.ts';

const source = 'made up';

export const cratePerTag = reshape({
  id: 'crate-per-tag',
  in: '1.3',
  on: Crate,
  spread: true,
  why: 'one entry per tag',
  source,
  older: amend(Crate, { Tag: Type.String() }),
  down: ({ Tags, ...crate }) => Tags.map((Tag) => ({ ...crate, Tags, Tag })),
  examples: [
    {
      newer: { Tags: ['a', 'b'] },
      older: [
        { Tags: ['a', 'b'], Tag: 'a' },
        { Tags: ['a', 'b'], Tag: 'b' },
      ],
    },
  ],
});

export const ownerShouted = reshape({
  id: 'owner-shouted',
  in: '1.2',
  on: cratePerTag.older,
  why: 'owners were upper case, tags were numbers',
  source,
  older: amend(cratePerTag.older, { Tag: Type.Integer() }),
  down: (crate) => ({ ...crate, Owner: crate.Owner.toUpperCase(), Tag: crate.Tag.length }),
  examples: [{ newer: { Owner: 'ann', Tag: 'abc' }, older: { Owner: 'ANN', Tag: 3 } }],
});

const sealAsText = reshape({
  id: 'seal-as-text',
  in: '1.1',
  on: Seal,
  why: 'a seal was a line of text',
  source,
  older: Type.String(),
  down: (seal) => `${seal.Maker}/${seal.Stamp}`,
  examples: [{ newer: { Maker: 'm', Stamp: 's' }, older: 'm/s' }],
});

const ownerSplit = reshape({
  id: 'plan-owner-split',
  in: '1.2',
  on: CratePlan,
  why: 'first and last name were sent apart',
  source,
  older: amend(CratePlan, { Owner: Type.Optional(Type.Object({ First: Type.Optional(Type.String()) })) }),
  up: ({ Owner, ...plan }) => ({ ...plan, ...(Owner && { Owner: Owner.First ?? '' }) }),
  examples: [{ older: { Owner: { First: 'ann' } }, newer: { Owner: 'ann' } }],
});

export const sampleChanges: readonly Change[] = [
  cratePerTag,
  ownerShouted,
  sealAsText,
  ownerSplit,
  defaulted({
    id: 'plan-quiet',
    in: '1.4',
    on: CratePlan,
    why: 'packing was silent',
    source,
    up: (plan) => ({ ...plan, Quiet: plan.Quiet ?? true }),
    examples: [{ older: {}, newer: { Quiet: true } }],
  }),
  defaulted({
    id: 'list-wait',
    in: '1.5',
    on: ListQuery,
    why: 'lists waited for the next exit',
    source,
    up: (query) => ({ ...query, wait: query.wait ?? 'next-exit' }),
    examples: [
      { older: { wait: 'x' }, newer: { wait: 'x' } },
      { older: {}, newer: { wait: 'next-exit' } },
    ],
  }),
  refused({
    id: 'one-word',
    in: '1.5',
    on: CratePlan,
    why: 'one word at most',
    source,
    when: (plan) => ((plan.Words?.length ?? 0) > 1 ? 'too many words' : undefined),
    examples: [
      { older: { Words: ['a', 'b'] }, text: 'too many words' },
      { older: { Words: ['a'] }, text: undefined },
    ],
  }),
  status({
    id: 'delete-had-no-list',
    in: '1.2',
    routes: ['crate-delete'],
    why: 'nothing was listed',
    source,
    map: { 200: 204 },
    examples: [{ newer: 200, older: 204 }],
  }),
  status({
    id: 'pack-was-never-unchanged',
    in: '1.3',
    routes: ['crate-pack'],
    why: 'no 304 yet',
    source,
    map: { 304: 204 },
    examples: [{ newer: 304, older: 204 }],
  }),
  errorText({
    id: 'crate-words',
    in: '1.4',
    codes: ['crate.not-found'],
    why: 'other words',
    source,
    older: ({ name }) => ({ message: `No such crate: ${name}` }),
    examples: [{ params: { name: 'x' }, older: { message: 'No such crate: x' } }],
  }),
  errorText({
    id: 'packed-was-failure',
    in: '1.1',
    routes: ['crate-pack'],
    codes: ['crate.packed'],
    why: 'packing twice failed',
    source,
    older: (_params, { path }) => ({ status: 500, message: `already packed: ${path['name']}` }),
    examples: [{ params: {}, path: { name: 'x' }, older: { status: 500, message: 'already packed: x' } }],
  }),
  errorBody({
    id: 'errors-were-text',
    in: '1.4',
    why: 'plain text',
    source,
    older: (error) => ({ kind: 'text', status: error.status, body: `${error.message}\n` }),
    examples: [{ newer: { status: 404, message: 'x' }, older: { kind: 'text', status: 404, body: 'x\n' } }],
  }),
  framing({
    id: 'steps-were-text',
    in: '1.1',
    routes: ['crate-move'],
    why: 'plain lines',
    source,
    older: (reply) => framesToText(reply, 'text/plain', (frame) => `${String(Object(frame).status)}\r\n`),
    examples: [{ newer: { frames: [{ status: 'a' }] }, older: { text: 'a\r\n', contentType: 'text/plain' } }],
  }),
  framing({
    id: 'steps-type',
    in: '1.5',
    routes: ['crate-move'],
    why: 'other content type',
    source,
    older: (reply) => withContentType(reply, 'application/octet-stream'),
    examples: [{ newer: { frames: [] }, older: { frames: [], contentType: 'application/octet-stream' } }],
  }),
  address({
    id: 'list-was-ps',
    in: '1.5',
    route: 'crate-list',
    path: '/crates/ps',
    why: 'shorter once',
    source,
    examples: [{ older: 'GET /crates/ps', params: {} }],
  }),
];
