import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, ErrorView, Framing, ReplySample } from '#api/dialect/change.ts';
import { RouteTable } from '#api/dialect/table.ts';
import { knownVersion } from '#api/dialect/version.ts';
import type { Reply } from '#api/http/reply.ts';
import type { AnyDialect } from './laboratory.ts';

/** Every change does what its own examples say, in the directions it has. */
export const testExamples = (spec: AnyDialect): void => {
  for (const change of spec.changes) {
    test(`${spec.name} ${change.id}: its examples hold`, () => checkExamples(spec, change));
  }
};

const checkExamples = async (spec: AnyDialect, change: Change): Promise<void> => {
  switch (change.kind) {
    case 'reshape':
      for (const { newer, older, only } of change.examples) {
        if (change.down && only !== 'up') assert.deepEqual(change.down(structuredClone(newer)), older);
        if (change.up && only !== 'down') assert.deepEqual(change.up(structuredClone(older)), newer);
      }
      return;
    case 'defaulted':
      for (const { older, newer } of change.examples)
        assert.deepEqual(change.up(structuredClone(older)), newer);
      return;
    case 'refused':
      for (const { older, text } of change.examples) assert.equal(change.when(structuredClone(older)), text);
      return;
    case 'status':
      for (const { newer, older } of change.examples) assert.equal(change.map[newer], older);
      return;
    case 'errorText':
      for (const { params, older, path } of change.examples) {
        const shown = { status: 500, message: '' };
        const view: ErrorView = { kind: 'internal', code: '', params, path: path ?? {}, shown };
        assert.deepEqual(change.older(params, view), older);
      }
      return;
    case 'errorBody':
      for (const { newer, older } of change.examples) assert.deepEqual(change.older(newer), older);
      return;
    case 'framing':
      return checkFraming(change);
    case 'address':
      return checkAddresses(spec, change);
  }
};

const checkFraming = async (change: Framing): Promise<void> => {
  for (const { newer, older } of change.examples) {
    const sample = await toSample(change.older(fromSample(newer)));
    for (const [member, value] of Object.entries(older)) {
      assert.deepEqual(sample[member as keyof ReplySample], value);
    }
  }
};

const fromSample = ({ frames, text, ...rest }: ReplySample): Reply => {
  const start = rest.start ?? 'at-once';
  if (frames !== undefined) return { ...rest, kind: 'frames', status: 200, start, frames: listed(frames) };
  if (text !== undefined) {
    return { ...rest, kind: 'bytes', status: 200, start, body: listed([new TextEncoder().encode(text)]) };
  }
  return { kind: 'hijack', contentType: rest.contentType ?? '', serve: async () => {} };
};

async function* listed<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const toSample = async (reply: Reply): Promise<ReplySample> => {
  const { contentType, terminator, start } = reply as ReplySample;
  return {
    ...(contentType !== undefined && { contentType }),
    ...(terminator !== undefined && { terminator }),
    ...(start !== undefined && { start }),
    ...(reply.kind === 'frames' && { frames: await Array.fromAsync(reply.frames) }),
    ...(reply.kind === 'bytes' && { text: Buffer.concat(await Array.fromAsync(reply.body)).toString() }),
  };
};

const checkAddresses = (spec: AnyDialect, change: Extract<Change, { kind: 'address' }>): void => {
  const table = new RouteTable(spec);
  const moved = knownVersion(change.in);
  for (const { older, params } of change.examples) {
    const [method = '', path = ''] = older.split(' ');
    const found = table.find(method, path, moved - 1);
    assert.equal(found?.route.id, change.route);
    if (params !== undefined) assert.deepEqual(found.params, params);
    assert.notEqual(
      table.find(method, path, moved)?.route.id,
      change.route,
      `${older} still answers in ${change.in}`,
    );
  }
};
