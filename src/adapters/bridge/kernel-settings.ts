import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Files below /proc/sys/net, of the network namespace in which the calling thread stands. The kernel lets
 * any neighbour of a link speak as a router; a link with containers behind it must not believe them.
 */

type Setting = readonly [path: string, value: string];

/** Nothing that a neighbour says becomes an address or a route. Those of IPv4 are set by netlink (`deafIpv4`). */
const deafness: readonly Setting[] = [
  ['ipv6/conf/*/accept_ra', '0'],
  ['ipv6/conf/*/autoconf', '0'],
  ['ipv6/conf/*/accept_redirects', '0'],
];

/** A bridge of ours has no IPv6: nobody behind it may use the host's, nor be forwarded by it. */
const silence: readonly Setting[] = [
  ['ipv6/conf/*/disable_ipv6', '1'],
  ['ipv6/conf/*/forwarding', '0'],
];

/** For the host's end of a pair, before it is up. */
export const deafenLink = (link: string, warn: (text: string) => void): void => {
  for (const [path, value] of deafness) trySetting(path.replace('*', link), value, warn, writeAnyhow);
};

/** For a bridge of ours, before it is up. */
export const deafenBridge = (link: string, warn: (text: string) => void): void => {
  for (const [path, value] of [...silence, ...deafness]) trySetting(path.replace('*', link), value, warn);
};

/** Writes only what differs. */
export const writeSetting = (path: string, value: string): void => {
  const file = `/proc/sys/net/${path}`;
  if (readFileSync(file, 'utf8').trim() !== value) writeFileSync(file, value);
};

/**
 * Links that appear while `work` runs have no IPv6. By the default for new links, for that takes no lock of the
 * kernel's: switching it off on a link that is there waits for every other change of links on the machine.
 */
export const withoutIpv6 = <Result>(warn: (text: string) => void, work: () => Result): Result => {
  const path = 'ipv6/conf/default/disable_ipv6';
  const before = readSetting(path);
  if (before !== '0' || !trySetting(path, '1', warn)) return work();
  try {
    return work();
  } finally {
    trySetting(path, before, warn);
  }
};

/** For a link that has just been made: what it has is the machine's default, which most likely differs. */
const writeAnyhow = (path: string, value: string): void => writeFileSync(`/proc/sys/net/${path}`, value);

const trySetting = (
  path: string,
  value: string,
  warn: (text: string) => void,
  write: (path: string, value: string) => void = writeSetting,
): boolean => {
  try {
    write(path, value);
    return true;
  } catch (error) {
    // The kernel has no IPv6 here (none at all, or an MTU below its least), or the link has gone.
    if (codeOf(error) !== 'ENOENT') warn(`net/${path} could not be set to ${value}: ${codeOf(error)}`);
    return false;
  }
};

/** undefined where the kernel has no IPv6. */
const readSetting = (path: string): string | undefined => {
  try {
    return readFileSync(`/proc/sys/net/${path}`, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
