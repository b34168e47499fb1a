import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBridgeDriver } from '#adapters/bridge/create-bridge-driver.ts';
import { unmount } from '#adapters/libc/mounts.ts';
import { createSandboxes } from '#adapters/namespaces/create-sandboxes.ts';
import { formatIpv4, parseIpv4 } from '#domain/network/cidr.ts';
import { macOfAddress } from '#domain/network/mac.ts';

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export type Place = { readonly id: string; readonly path: string; readonly address: string };

/** Sandboxes on a bridge of a daemon's tag of their own; `close` removes everything and proves it. */
export class NetworkLab {
  readonly tag = `t${randomBytes(4).toString('hex')}`;
  readonly bridge = `gt${this.tag}`;
  readonly execRoot = mkdtempSync(join(tmpdir(), 'gantry-net-'));
  readonly sandboxes = createSandboxes({ execRoot: this.execRoot });
  readonly warnings: string[] = [];
  readonly #subnet = `10.${randomInt(192, 255)}.${randomInt(1, 255)}`;
  readonly #children = new Set<ChildProcess>();
  readonly #outside: string[] = [];
  #nextHost = 2;
  driver = this.#newDriver();

  get gateway(): string {
    return `${this.#subnet}.1`;
  }

  get bridgeRequest(): { name: string; address: string; mtu: number } {
    return { name: this.bridge, address: `${this.gateway}/24`, mtu: 1400 };
  }

  /** A new driver over what the old one left, as after a kill and a start of the daemon. */
  async restartDriver(): Promise<void> {
    await this.driver.close();
    this.driver = this.#newDriver();
  }

  #newDriver(): ReturnType<typeof createBridgeDriver> {
    return createBridgeDriver({
      tag: this.tag,
      execRoot: this.execRoot,
      dataRoot: this.execRoot,
      onWarning: (text) => this.warnings.push(text),
    });
  }

  async sandbox(id: string): Promise<Place> {
    const { networkPath } = await this.sandboxes.create({
      id,
      hostname: id,
      domainname: '',
      network: true,
      ipc: false,
      uts: false,
    });
    assert.ok(networkPath !== undefined);
    return { id, path: networkPath, address: '' };
  }

  /** A sandbox with an endpoint of the same id. */
  async connected(id: string): Promise<Place> {
    const { path } = await this.sandbox(id);
    const address = `${this.#subnet}.${this.#nextHost++}`;
    await this.driver.connect(this.endpointRequest({ id, path, address }));
    return { id, path, address };
  }

  endpointRequest({ id, path, address }: Place): Parameters<NetworkLab['driver']['connect']>[0] {
    return {
      endpointId: id,
      bridge: this.bridge,
      networkPath: path,
      interfaceName: 'eth0',
      address: `${address}/24`,
      gateway: this.gateway,
      macAddress: macOfAddress(parseIpv4(address) ?? 0),
      mtu: 1400,
    };
  }

  /** Another machine: a namespace with a cable of its own to the host, in the documentation's subnet. */
  async outside(id: string): Promise<Place & { readonly hostAddress: string }> {
    const { path } = await this.sandbox(id);
    const cable = `gto${randomBytes(4).toString('hex')}`;
    const base = (parseIpv4('198.18.0.0') ?? 0) + randomInt(1, 30_000) * 4;
    const [hostAddress, address] = [formatIpv4(base + 1), formatIpv4(base + 2)];
    const peer = `${cable}x`;
    this.ip(`link add ${cable} type veth peer name ${peer}`);
    this.#outside.push(cable);
    this.ip(`link set ${peer} netns ${path}`);
    this.ip(`addr add ${hostAddress}/30 dev ${cable}`);
    this.ip(`link set ${cable} up`);
    await run('nsenter', [`--net=${path}`, 'ip', 'addr', 'add', `${address}/30`, 'dev', peer]);
    await run('nsenter', [`--net=${path}`, 'ip', 'link', 'set', peer, 'up']);
    await run('nsenter', [`--net=${path}`, 'ip', 'route', 'add', 'default', 'via', hostAddress]);
    return { id, path, address, hostAddress };
  }

  ip(words: string): string {
    return execFileSync('ip', words.split(' '), { encoding: 'utf8' });
  }

  /** A process in a network namespace, killed at the end. */
  async inside(path: string, command: string, args: readonly string[]): Promise<ChildProcess> {
    const child = spawn('nsenter', [`--net=${path}`, command, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    await once(child, 'spawn');
    return child;
  }

  /** Serves TCP and UDP on a port of the sandbox with its id and the peer's address as the answer. */
  async serve(place: Place, port = 80): Promise<ChildProcess> {
    const child = await this.inside(place.path, process.execPath, [
      script('answer.mjs'),
      place.id,
      String(port),
    ]);
    assert.ok(child.stdout !== null);
    await once(child.stdout, 'data');
    return child;
  }

  /** Asks from inside a namespace. */
  async askFrom(path: string, protocol: 'tcp' | 'udp', address: string, port: number): Promise<string> {
    const args = [`--net=${path}`, process.execPath, script('ask.mjs'), protocol, address, String(port)];
    return (await run('nsenter', args)).stdout.trim();
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.driver.reconcile({ endpoints: [], owners: [] });
    await this.driver.removeBridge(this.bridge);
    // Before their other ends: those go with their namespaces, and the cables with them, whenever the kernel likes.
    for (const cable of this.#outside) this.ip(`link del ${cable}`);
    for (const id of await this.sandboxes.list()) await this.sandboxes.remove(id);
    await this.driver.close();
    await this.sandboxes.close();
    unmount(this.execRoot);
    rmSync(this.execRoot, { recursive: true });
    assert.deepEqual(this.leftovers(), []);
  }

  /** Links, tables and mounts of this lab. */
  leftovers(): string[] {
    const links = this.ip('-o link').split('\n');
    const tables = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).split('\n');
    const mounts = execFileSync('cat', ['/proc/self/mountinfo'], { encoding: 'utf8' }).split('\n');
    return [...links, ...tables, ...mounts].filter(
      (line) => line.includes(this.tag) || line.includes(this.execRoot),
    );
  }
}
