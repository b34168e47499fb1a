import { parsePortRange } from '#domain/pod/port-mappings.ts';
import type { Pod } from '#domain/pod/pod.ts';
import type { NamespaceRules } from '#engine/ports/network.ts';
import type { PodContext } from './context.ts';

type Needs = Pick<PodContext, 'sandboxes' | 'network'>;

/** Services and white lists as the kernel is to keep them. */
export const rulesOf = ({ spec }: Pod): NamespaceRules => {
  const { internal, external } = spec.whiteLists;
  const services = spec.services;
  if (internal.length === 0 || external.length === 0) return { services };
  const ports = spec.portMappings.flatMap(({ protocol, containerPort }) => {
    const range = parsePortRange(containerPort);
    return range === undefined ? [] : [{ protocol, ...range }];
  });
  return { services, admitted: { internal, external, ports } };
};

export const hasRules = (rules: NamespaceRules): boolean =>
  rules.services.length > 0 || rules.admitted !== undefined;

/** Puts the pod's rules into its namespace, instead of what was there. */
export const programRules = async (world: Needs, pod: Pod): Promise<void> => {
  const sandbox = await world.sandboxes.find(pod.sandboxId);
  if (sandbox?.networkPath !== undefined) await world.network.program(sandbox.networkPath, rulesOf(pod));
};
