import type { Route } from '#api/dialect/route.ts';
import type { Reply } from '#api/http/reply.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { decodeResources } from '#api/hyper/decode/user-pod.ts';
import { required } from '#api/hyper/lookup/containers.ts';
import { findVm } from '#api/hyper/lookup/pods.ts';
import { Done } from '#api/hyper/schema/answers.ts';
import { VmCreateQuery, VmQuery } from '#api/hyper/schema/pod-query.ts';
import { randomLetters } from '#api/hyper/random-words.ts';

const vmCreate = defineRoute({
  id: 'vm-create',
  method: 'POST',
  path: '/vm/create',
  summary: 'Make an empty sandbox with its limits',
  since: '0.1',
  query: VmCreateQuery,
  replies: { 200: Done },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const { cpu, mem } = query;
    const size = {
      ...(cpu === undefined ? {} : { vcpu: cpu }),
      ...(mem === undefined ? {} : { memory: mem }),
    };
    const resources = decodeResources(size);
    const id = await engine.sandboxes.create({ id: `vm-${randomLetters()}`, isolation: '', resources });
    return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: id } };
  },
});

/** What the oldest clients want to be told: it is shut down. */
const SHUT_DOWN = 2;

const vmKill = defineRoute({
  id: 'vm-kill',
  method: 'POST',
  path: '/vm/kill',
  summary: 'Destroy a sandbox with whatever runs in it',
  since: '0.1',
  query: VmQuery,
  replies: { 200: Done },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const vm = required('vm', query.vm);
    const id = findVm(engine, vm);
    if (id === undefined) throw engineError('sandbox.not-found', { ref: vm });
    await engine.sandboxes.destroy(id);
    return { kind: 'json', status: 200, body: { Cause: '', Code: SHUT_DOWN, ID: vm } };
  },
});

/** The same for later clients: one that is not there is fine. */
const vmRemove = defineRoute({
  id: 'vm-remove',
  method: 'DELETE',
  path: '/vm',
  summary: 'Destroy a sandbox, if it is there',
  since: '0.5',
  query: VmQuery,
  replies: { 200: Done },
  handler: async ({ query }, { engine }): Promise<Reply> => {
    const vm = required('vm', query.vm);
    const id = findVm(engine, vm);
    if (id !== undefined) await engine.sandboxes.destroy(id);
    return { kind: 'json', status: 200, body: { Cause: '', Code: 0, ID: vm } };
  },
});

export const VM_ROUTES: readonly Route<HyperContext>[] = [vmCreate, vmKill, vmRemove];
