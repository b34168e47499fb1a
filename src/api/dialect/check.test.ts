import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '#api/dialect/type.ts';
import { sampleDialect } from '#test/versions/sample-dialect.ts';
import { Crate, CratePlan } from '#test/versions/sample-schemas.ts';
import { address, defaulted, status, type Change } from './change.ts';
import { checkDialect } from './check.ts';
import { alive, since, until } from './lifetime.ts';
import { routesFor, type Route } from './route.ts';

const defineRoute = routesFor<unknown>();
const note = { why: '', source: '' } as const;

const routeWith = (parts: Partial<Route<unknown>>): Route<unknown> => ({
  ...defineRoute({ id: 'extra', method: 'GET', path: '/extra', summary: '', replies: {}, planned: 'x' }),
  ...parts,
});

const faultsOf = (routes: readonly Route<unknown>[], changes: readonly Change[] = []): string => {
  try {
    const spec = {
      ...sampleDialect,
      routes: [...sampleDialect.routes, ...routes],
      changes: [...sampleDialect.changes, ...changes],
    };
    checkDialect<never>(spec);
    return '';
  } catch (error) {
    return String(error);
  }
};

test('the sample is sound', () => assert.equal(faultsOf([]), ''));

test('two routes may not answer one address in one version', () => {
  assert.match(faultsOf([routeWith({ path: '/crates/{id}/json' })]), /is both crate-inspect and extra/);
  assert.match(faultsOf([routeWith({ id: 'ping' })]), /two routes are called ping/);
});

test('nothing may be alive nowhere', () => {
  assert.match(faultsOf([routeWith({ since: '1.4', until: '1.4' })]), /route extra is alive nowhere/);
  const never = Type.Object({ A: Type.String(alive(since('1.3'), until('1.2'))) }, { $id: 'Never' });
  assert.match(faultsOf([routeWith({ replies: { 200: never } })]), /Never.A is alive nowhere/);
  const before = Type.Object({ A: Type.String(until('1.0')) }, { $id: 'Before' });
  assert.match(faultsOf([routeWith({ query: before })]), /Before.A is alive nowhere/);
  const future = Type.Object({ A: Type.String(since('2.0')) }, { $id: 'Future' });
  assert.equal(faultsOf([routeWith({ query: future })]), '');
});

test('a lifetime belongs to a member', () => {
  const onItem = Type.Object(
    { A: Type.Object({ B: Type.Array(Type.String(since('1.2'))) }) },
    { $id: 'Outer' },
  );
  assert.match(faultsOf([routeWith({ body: onItem })]), /Outer.A.B: a lifetime belongs to the member/);
});

test('intersections are not understood', () => {
  assert.match(faultsOf([routeWith({ body: Type.Intersect([Crate, CratePlan]) })]), /not supported/);
});

test('changes must be about something, once', () => {
  const unknown = status({
    ...note,
    id: 's',
    in: '1.2',
    routes: ['nowhere'],
    map: {},
    examples: [{ newer: 1, older: 1 }],
  });
  assert.match(faultsOf([], [unknown]), /s: no route nowhere/);
  const again = defaulted({
    ...note,
    id: 'again',
    in: '1.4',
    on: CratePlan,
    up: (plan) => plan,
    examples: [{ newer: {}, older: {} }],
  });
  assert.match(faultsOf([], [again]), /two changes for CratePlan up in 1.4: merge them/);
  const lost = defaulted({
    ...note,
    id: 'lost',
    in: '1.4',
    on: Type.Object({}, { $id: 'Lost' }),
    up: (plan) => plan,
    examples: [{ newer: {}, older: {} }],
  });
  assert.match(faultsOf([], [lost]), /lost: no schema Lost/);
});

test('a route is either planned or handled', () => {
  const { planned: _planned, ...neither } = routeWith({});
  assert.match(faultsOf([neither]), /route extra needs either/);
});

test('an older address has the same names', () => {
  const renamed = address({
    ...note,
    id: 'r',
    in: '1.2',
    route: 'crate-inspect',
    path: '/old/{id}',
    examples: [{ older: 'GET /old/x' }],
  });
  assert.match(faultsOf([], [renamed]), /\/old\/\{id\} has other names than \/crates\/\{name\}\/json/);
});
