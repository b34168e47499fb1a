import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { Engine } from '#engine/engine.ts';
import { findVm } from './pods.ts';

/** The words under which clients of one age or another name a container. */
export type ContainerQuery = {
  readonly container?: string;
  readonly value?: string;
  readonly id?: string;
};

export const refOf = ({ container, value, id }: ContainerQuery): string => container || value || id || '';

export type Member = { readonly container: Container; readonly pod: Pod };

/**
 * A container of a pod by name, with a slash before it or not, by id, or by the beginning of an id that no other has
 * (hyperd-api 2). Nothing at all is the beginning of every id: with one container in the daemon it is that one.
 * Throws `not-found` code `pod.no-container` {ref}.
 */
export const findMember = (engine: Engine, ref: string): Member => {
  const name = ref.startsWith('/') ? ref.slice(1) : ref;
  const all = engine.containers.list().filter(({ podId }) => podId !== undefined);
  const exact = all.find((one) => one.name === name) ?? all.find(({ id }) => id === name);
  const [first, ...others] = all.filter(({ id }) => id.startsWith(name));
  const container = exact ?? (others.length === 0 ? first : undefined);
  if (container?.podId === undefined) throw engineError('pod.no-container', { ref });
  return { container, pod: engine.pods.get(container.podId) };
};

/** What `type` and `value` of older clients name: a container, or the first one of a pod. */
export const findTarget = (engine: Engine, query: ContainerQuery & { readonly type?: string }): Member =>
  query.type === 'pod' ? firstOf(engine, refOf(query)) : findMember(engine, refOf(query));

/** The first container of a pod, named by the pod's id, name or sandbox. */
export const firstOf = (engine: Engine, ref: string): Member => {
  const sandbox = ref === '' ? undefined : findVm(engine, ref);
  const bySandbox = sandbox && engine.pods.list().find(({ sandboxId }) => sandboxId === sandbox);
  const { pod, containers } = engine.pods.inspect(bySandbox?.id ?? ref);
  const [container] = containers;
  if (container === undefined) throw engineError('pod.no-container', { ref });
  return { container, pod };
};

/** Whose a taken name is: one that a container outside all pods has is a conflict of another kind (hyperd-api 2.1). */
export const explainName = (engine: Engine, error: unknown): unknown => {
  if (!isEngineError(error) || error.code !== 'container.name-in-use') return error;
  const pod = engine.containers.list().find(({ id }) => id === error.params['id'])?.podId;
  if (pod !== undefined)
    return new EngineError(error.kind, error.code, error.message, {
      params: { ...error.params, pod },
      cause: error,
    });
  return new EngineError('conflict', 'container.conflict', `Conflict. ${error.message}`, {
    params: error.params,
    cause: error,
  });
};

/** A parameter that has to be there. Throws `invalid` code `query.missing` {name}. */
export const required = <Value>(name: string, value: Value | undefined): Value => {
  if (value !== undefined && value !== '') return value;
  throw new EngineError('invalid', 'query.missing', `${name} is required`, { params: { name } });
};
