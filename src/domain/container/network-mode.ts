import { engineError } from '#domain/error/catalogue.ts';
import type { ErrorCode } from '#domain/error/catalogue.ts';
import type { ContainerConfig, HostConfig } from './config.ts';

/** What a namespace mode says. `named` = a network by name or id; '' for the default one. */
export type NetworkMode =
  | { readonly kind: 'named'; readonly network: string }
  | { readonly kind: 'none' | 'host' }
  | { readonly kind: 'container'; readonly container: string };

export const DEFAULT_NETWORK = 'bridge';

export const parseNetworkMode = (mode: string): NetworkMode => {
  if (mode === 'none' || mode === 'host') return { kind: mode };
  const target = containerTarget(mode);
  if (target !== undefined) return { kind: 'container', container: target };
  return { kind: 'named', network: mode === '' || mode === 'default' ? DEFAULT_NETWORK : mode };
};

/** `container:X` -> `X`; undefined for other modes. */
export const containerTarget = (mode: string): string | undefined =>
  mode === 'container' || mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;

type Rule = {
  readonly code: ErrorCode;
  /** `joined` = container: mode; `strict` = also host mode, as engines before API 1.22 refused it. */
  readonly when: 'joined' | 'joined-or-host' | 'strict';
  readonly clashes: (config: ContainerConfig, host: HostConfig) => boolean;
};

/** In the order of docker-semantics.md 2.1: the first clash is reported. */
const RULES: readonly Rule[] = [
  { code: 'network-mode.hostname', when: 'strict', clashes: (config) => config.hostname !== '' },
  { code: 'network-mode.links', when: 'joined-or-host', clashes: (_, host) => host.links.length > 0 },
  { code: 'network-mode.dns', when: 'strict', clashes: (_, host) => host.dns.length > 0 },
  { code: 'network-mode.extra-hosts', when: 'strict', clashes: (_, host) => host.extraHosts.length > 0 },
  { code: 'network-mode.mac-address', when: 'strict', clashes: (config) => config.macAddress !== '' },
  {
    code: 'network-mode.ports',
    when: 'joined',
    clashes: (_, host) => host.publishAllPorts || hasBindings(host),
  },
  { code: 'network-mode.expose', when: 'joined', clashes: (config) => config.exposedPorts.length > 0 },
];

const hasBindings = (host: HostConfig): boolean => Object.keys(host.portBindings).length > 0;

/**
 * Options that contradict the network mode: `conflict` with code `network-mode.*` {network}. With
 * `strict` host mode refuses host name, name servers, extra hosts and MAC too, as up to API 1.21;
 * today's engines honour them.
 */
export const verifyNetworkMode = (
  config: ContainerConfig,
  host: HostConfig,
  options: { readonly strict: boolean } = { strict: false },
): void => {
  const mode = parseNetworkMode(host.networkMode);
  const { kind } = mode;
  if (kind === 'named' || kind === 'none') return;
  if (mode.kind === 'container' && mode.container === '') throw engineError('network-mode.no-target');
  const clash = RULES.find((rule) => applies(rule, kind, options.strict) && rule.clashes(config, host));
  if (clash !== undefined) throw engineError(clash.code, { network: kind, mode: host.networkMode });
};

const applies = (rule: Rule, kind: 'container' | 'host', isStrict: boolean): boolean =>
  kind === 'container' || rule.when === 'joined-or-host' || (isStrict && rule.when === 'strict');
