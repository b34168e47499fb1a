import { engineError } from '#domain/error/catalogue.ts';
import type { PodSandbox } from '#domain/pod/pod.ts';
import type { SandboxSpec } from '#domain/pod/spec.ts';
import { verifyIsolation, verifyResources } from '#domain/pod/verify-spec.ts';
import type { SandboxId } from '#domain/value/flavor.ts';
import { bringDown } from './bring-down.ts';
import type { PodContext } from './context.ts';
import { randomLetters } from './create/names.ts';

/** What was asked for, or what the daemon gives those that do not say. */
export const isolationOf = (
  { settings }: Pick<PodContext, 'settings'>,
  asked: SandboxSpec['isolation'],
): SandboxSpec['isolation'] => (asked === '' ? (settings.podIsolation ?? '') : asked);

/** An empty sandbox: its limits. The namespaces come with the pod, whose host name they bear. */
export const createSandbox = async (world: PodContext, spec: SandboxSpec): Promise<SandboxId> => {
  verifyIsolation(isolationOf(world, spec.isolation));
  verifyResources(spec.resources);
  const id = spec.id === '' ? `sandbox-${randomLetters()}` : spec.id;
  if (!/^[a-zA-Z0-9][\w.-]{0,63}$/.test(id)) throw engineError('pod.id-invalid', { id });
  if (world.state.sandboxes.get(id) !== undefined) throw engineError('sandbox.exists', { id });
  const sandbox: PodSandbox = {
    id,
    createdAt: world.clock.now(),
    isolation: 'namespace',
    resources: spec.resources,
    podId: '',
    isStandalone: true,
  };
  world.state.sandboxes.put(sandbox);
  try {
    await world.groups.ensure(world.pods.groupOf(id), spec.resources);
  } catch (error) {
    world.state.sandboxes.remove(id);
    throw error;
  }
  return id;
};

/** With whatever is in it. */
export const destroySandbox = async (world: PodContext, id: SandboxId): Promise<void> => {
  const { podId } = world.pods.sandbox(id);
  if (podId !== '') await bringDown(world, podId, { timeoutSeconds: 0, keepSandbox: false });
  if (world.state.sandboxes.get(id) === undefined) return;
  await world.groups.remove(world.pods.groupOf(id));
  world.state.sandboxes.remove(id, 'anyhow');
};
