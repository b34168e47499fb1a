import { EngineError } from '#domain/error/engine-error.ts';
import type { PortBinding } from '#domain/container/config.ts';

export type PortBindings = Readonly<Record<string, readonly PortBinding[]>>;

/** `80` and `80/TCP` are `80/tcp`; `8000-8002/udp` are three. */
export const decodePortKeys = (keys: readonly string[]): string[] => [...new Set(keys.flatMap(expand))];

const expand = (key: string): string[] => {
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(key.trim());
  if (match?.[1] === undefined) throw invalidPort(key);
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (first > last || last > 65_535) throw invalidPort(key);
  const protocol = (match[3] ?? 'tcp').toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
};

const invalidPort = (port: string): EngineError =>
  new EngineError('invalid', 'config.port', `invalid port specification: "${port}"`, { params: { port } });

/**
 * Old `PortSpecs`: `80`, `8080:80`, `127.0.0.1:8080:80`, `80/udp`, `:80` (docker-shapes.md 3b). A port without
 * a host part gets a random one.
 */
export const decodePortSpecs = (specs: readonly string[]): PortBindings => {
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of specs) {
    const [rest = '', protocol = 'tcp'] = spec.split('/');
    const parts = rest.split(':');
    const containerPort = parts.at(-1) ?? '';
    const given = parts.at(-2);
    const key = `${containerPort}/${protocol}`;
    if (!/^\d+$/.test(containerPort)) throw invalidPort(spec);
    const hostPort = given === '' && parts.length === 2 ? containerPort : (given ?? '');
    bindings[key] = [
      ...(bindings[key] ?? []),
      { hostIp: parts.length === 3 ? (parts[0] ?? '') : '', hostPort },
    ];
  }
  return bindings;
};
