import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { NamespaceRules } from '#engine/ports/network.ts';
import { formatNamespaceRules } from './namespace-rules.ts';

const service: NamespaceRules['services'][number] = {
  address: '10.254.0.1',
  port: 80,
  protocol: 'tcp',
  hosts: [
    { address: '10.0.0.1', port: 8080 },
    { address: '10.0.0.2', port: 8081 },
  ],
};

describe('rules inside a namespace', () => {
  it('let services take turns, and leave out those without a host', () => {
    const text = formatNamespaceRules({ services: [service, { ...service, port: 81, hosts: [] }] });
    assert.match(
      text,
      /ip daddr 10\.254\.0\.1 tcp dport 80 dnat to numgen inc mod 2 map \{ 0 : 10\.0\.0\.1 \. 8080, 1 : 10\.0\.0\.2 \. 8081 \}/,
    );
    assert.ok(!text.includes('dport 81') && !text.includes('chain admission'));
  });

  it('admit the internal to every port and the external to mapped ones', () => {
    const ports = [{ protocol: 'tcp', first: 80, last: 90 }];
    const admitted = { internal: ['10.0.0.0/8'], external: ['192.0.2.0/24'], ports };
    const lines = formatNamespaceRules({ services: [], admitted })
      .split('\n')
      .map((line) => line.trim());
    const at = (line: string): number => lines.indexOf(line);
    assert.ok(at('ip saddr 10.0.0.0/8 accept') > 0);
    assert.ok(at('ip saddr 192.0.2.0/24 tcp dport 80-90 accept') > 0);
    assert.ok(at('drop') > at('ip saddr 192.0.2.0/24 tcp dport 80-90 accept'));
  });

  it('are nft’s language, also when there are none', () => {
    const ports = [{ protocol: 'udp', first: 53, last: 53 }];
    const admitted = { internal: ['10.0.0.0/8'], external: ['0.0.0.0/0'], ports };
    for (const rules of [{ services: [] }, { services: [service] }, { services: [service], admitted }]) {
      const input = formatNamespaceRules(rules);
      // Checked, not loaded.
      execFileSync('nft', ['--check', '-f', '-'], { input });
    }
  });
});
