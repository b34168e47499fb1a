import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import type { HostResolver } from '#engine/ports/network.ts';
import { filterServers, parseResolvConf } from '#formats/resolv-conf/resolv-conf.ts';

const usualFile = '/etc/resolv.conf';
/** systemd-resolved's stub hides the real servers, which stand in a second file. */
const stubServer = '127.0.0.53';
const realServersFile = '/run/systemd/resolve/resolv.conf';

/**
 * Read anew each time: networks come and go under a daemon. At once, for a few lines of a file that is always in the
 * page cache are read ten times faster than a thread is asked for them.
 */
export const readHostResolver = (): HostResolver => {
  const text = readOrEmpty(usualFile);
  const { servers } = parseResolvConf(text);
  if (servers.length !== 1 || servers[0] !== stubServer) return reachable(text);
  const real = readOrEmpty(realServersFile);
  return reachable(real === '' ? text : real);
};

const reachable = (whole: string): HostResolver => {
  const text = filterServers(whole, isReachableServer);
  return { ...parseResolvConf(text), text };
};

/**
 * Whether a network namespace behind a bridge can ask there: the bridges have IPv4 alone, and a loopback address
 * means the container itself.
 */
export const isReachableServer = (server: string): boolean =>
  isIP(server) === 4 && !loopback.check(server, 'ipv4');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
};
