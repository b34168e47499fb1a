/** The thread that mounts volumes: a file server may take minutes to answer, or for ever. */
import { realpathSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { describeErrno, SystemCallError } from '#adapters/libc/library.ts';
import {
  makeSharedMount,
  mount,
  mountFlags,
  readMounts,
  unmountFlags,
  unmountIfMounted,
} from '#adapters/libc/mounts.ts';
import { mountTree } from '#adapters/libc/mount-tree.ts';
import { serveCalls } from '#adapters/libc/thread-calls.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { VolumeSource } from '#domain/volume/local-options.ts';
import { parseMountOptions, PROPAGATION } from './mount-options.ts';
import type { ParsedOptions } from './mount-options.ts';

export type MountVolume = {
  /** Folder of all volumes: made a shared mount, so that threads and monitors with a copy of it see each end too. */
  readonly root: string;
  readonly target: string;
  readonly source: VolumeSource;
};

export type MountCalls = {
  readonly mount: (request: MountVolume) => Promise<void>;
  readonly unmount: (target: string) => void;
};

/** Somebody may have mounted over it by hand, again and again. */
const MOST_LAYERS = 32;

const mountVolume = async ({ root, target, source }: MountVolume): Promise<void> => {
  makeSharedMount(root);
  const place = realpathSync(target);
  if (readMounts().some(({ mountPoint }) => mountPoint === place)) return;
  if (source.device === '') throw mountFailed(target, 'missing device in volume options');
  const options = await withAddress(target, source);
  const parsed = parseMountOptions(options);
  try {
    attach(place, source, parsed);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    throw mountFailed(target, `failed to mount local volume: ${explain(target, source, parsed, error)}`);
  }
};

const attach = (target: string, { type, device }: VolumeSource, { flags, data }: ParsedOptions): void => {
  const isBind = (flags & mountFlags.bind) !== 0;
  if (isBind) mountTree({ source: device, target, flags });
  else mount({ source: device, target, type, flags: flags & ~PROPAGATION, data });
};

const mountFailed = (path: string, problem: string): Error =>
  engineError('volume.mount-failed', { path, problem });

/** As Docker's engines write it; nobody's password is repeated. */
const explain = (
  target: string,
  { device }: VolumeSource,
  { flags, data }: ParsedOptions,
  { errno }: SystemCallError,
): string => {
  const given = flags & ~PROPAGATION;
  const flagText = given === 0 ? '' : `, flags: 0x${given.toString(16)}`;
  const dataText =
    data === '' ? '' : `, data: ${data.replaceAll(/\b(pass(?:word)?)=[^,]*/gu, '$1=********')}`;
  return `mount ${device}:${target}${flagText}${dataText}: ${describeErrno(errno)}`;
};

/** The kernel does not know names of servers: mount(8) looks them up for it. */
const withAddress = async (target: string, { type, options }: VolumeSource): Promise<string> => {
  const host = /(?:^|,)addr=([^,]+)/u.exec(options)?.[1];
  if (host === undefined || !['nfs', 'nfs4', 'cifs'].includes(type)) return options;
  try {
    const { address } = await lookup(host);
    return options.replace(`addr=${host}`, `addr=${address}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw mountFailed(target, `error resolving passed in network volume address: ${reason}`);
  }
};

const calls: MountCalls = {
  mount: mountVolume,
  unmount: (target) => {
    // Out of sight at once; what still has files open keeps them, as containers that run may.
    const flags = unmountFlags.detach | unmountFlags.noFollow;
    for (let layer = 0; layer < MOST_LAYERS && unmountIfMounted(target, flags); layer += 1);
  },
};

serveCalls(calls);
