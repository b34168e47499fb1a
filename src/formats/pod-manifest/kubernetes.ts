import { badManifest, Reader } from './fields.ts';
import type { Fields } from './fields.ts';
import { readContainer } from './kubernetes-container.ts';
import type { ReadContainer } from './kubernetes-container.ts';
import { readVolume } from './kubernetes-volume.ts';
import type { UserPod } from './user-pod.ts';

const RESTART_POLICIES: Readonly<Record<string, string>> = {
  Always: 'always',
  OnFailure: 'onFailure',
  Never: 'never',
};

const MEGABYTE = 2 ** 20;

/** A Kubernetes `v1` Pod as hyperd's UserPod. Fields that do not map are warned of. Throws `manifest.invalid`. */
export const readKubernetesPod = (document: Fields, warnings: string[]): UserPod => {
  const root = new Reader(document, '', warnings);
  root.ignore('apiVersion', 'kind', 'status');
  const metadata = root.inside('metadata');
  const id = metadata.text('name');
  if (id === undefined) throw badManifest('metadata.name is missing');
  const labels = metadata.textMap('labels');
  metadata.finish();
  const spec = root.inside('spec');
  root.finish();
  return { id, labels, ...readSpec(spec, id) };
};

const readSpec = (spec: Reader, pod: string): UserPod => {
  const volumes = spec.each('volumes').flatMap((each) => readVolume(each) ?? []);
  const security = spec.inside('securityContext');
  const defaults = {
    pod,
    volumes: new Set(volumes.map(({ name }) => name)),
    user: security.text('runAsUser'),
    group: security.text('runAsGroup'),
  };
  security.finish();
  const found = spec.each('containers').map((each) => readContainer(each, defaults));
  if (found.length === 0) throw badManifest('spec.containers is empty');
  const hostname = spec.text('hostname');
  const result: UserPod = {
    ...(hostname === undefined ? {} : { hostname }),
    restartPolicy: readRestartPolicy(spec),
    ...readResolver(spec),
    ...resourceOf(found),
    containers: found.map(({ container }) => container),
    volumes,
  };
  // For a cluster; nothing of it is about the pod itself.
  spec.ignore('nodeName', 'nodeSelector', 'schedulerName', 'tolerations', 'affinity', 'priority');
  spec.ignore('priorityClassName', 'serviceAccountName', 'serviceAccount', 'enableServiceLinks');
  spec.ignore('automountServiceAccountToken', 'preemptionPolicy', 'terminationGracePeriodSeconds');
  spec.finish();
  return result;
};

/** Kubernetes' default is to restart always. */
const readRestartPolicy = (spec: Reader): string => {
  const text = spec.text('restartPolicy') ?? 'Always';
  const policy = RESTART_POLICIES[text];
  if (policy === undefined)
    throw badManifest(`spec.restartPolicy: ${text} is none of Always, OnFailure, Never`);
  return policy;
};

const readResolver = (spec: Reader): Pick<UserPod, 'dns' | 'dnsSearch' | 'dnsOptions'> => {
  const config = spec.inside('dnsConfig');
  const [dns, dnsSearch] = [config.texts('nameservers'), config.texts('searches')];
  const dnsOptions = config.each('options').map((option) => {
    const [name = '', value] = [option.text('name'), option.text('value')];
    option.finish();
    return value === undefined ? name : `${name}:${value}`;
  });
  config.finish();
  spec.ignore('dnsPolicy');
  return {
    ...(dns.length === 0 ? {} : { dns }),
    ...(dnsSearch.length === 0 ? {} : { dnsSearch }),
    ...(dnsOptions.length === 0 ? {} : { dnsOptions }),
  };
};

/** The pod's limits are the sum of its containers'; one without a limit leaves the pod without. */
const resourceOf = (found: readonly ReadContainer[]): Pick<UserPod, 'resource'> => {
  const cpus = sum(found.map((each) => each.cpus));
  const bytes = sum(found.map((each) => each.memoryBytes));
  if (cpus === undefined && bytes === undefined) return {};
  return {
    resource: {
      vcpu: cpus === undefined ? 0 : Math.max(1, Math.ceil(cpus)),
      memory: bytes === undefined ? 0 : Math.max(1, Math.ceil(bytes / MEGABYTE)),
    },
  };
};

const sum = (values: readonly (number | undefined)[]): number | undefined => {
  let total = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total;
};
