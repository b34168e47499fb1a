import type { Change } from '#api/dialect/change.ts';
import { defaulted, status } from '#api/dialect/change.ts';
import { AttachQuery, ExecQuery } from '#api/hyper/schema/container-query.ts';

const rawAttach = defaulted({
  id: 'attach-is-raw',
  in: '0.6',
  on: AttachQuery,
  why: 'output was never framed, terminal or not',
  source: 'hyperd-api 0.5',
  up: (query) => ({ ...query, isRaw: true }),
  examples: [{ older: {}, newer: { isRaw: true } }],
});

const rawExec = defaulted({
  id: 'exec-is-raw',
  in: '0.6',
  on: ExecQuery,
  why: 'output was never framed, terminal or not',
  source: 'hyperd-api 0.5',
  up: (query) => ({ ...query, isRaw: true }),
  examples: [{ older: {}, newer: { isRaw: true } }],
});

const stopCreated = status({
  id: 'container-stop-was-created',
  in: '0.8',
  routes: ['container-stop'],
  map: { 200: 201 },
  why: 'stop was answered 201',
  source: 'hyperd-api 2.3',
  examples: [{ newer: 200, older: 201 }],
});

const infoCreated = status({
  id: 'container-info-was-created',
  in: '0.5',
  routes: ['container-info'],
  map: { 200: 201 },
  why: 'container info was answered 201',
  source: 'hyperd-api 2.2',
  examples: [{ newer: 200, older: 201 }],
});

export const CONTAINER_CHANGES: readonly Change[] = [rawAttach, rawExec, stopCreated, infoCreated];
