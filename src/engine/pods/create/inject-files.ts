import type { MountRequest } from '#domain/container/config.ts';
import type { PodContainerSpec, PodFile, PodSpec } from '#domain/pod/spec.ts';
import { permissionsOf } from '#domain/pod/verify-spec.ts';
import type { ContainerId } from '#domain/value/flavor.ts';
import { writeTar } from '#formats/tar/write-tar.ts';
import { settleAll } from '#engine/containers/launch/settle-all.ts';
import type { PodContext } from '#engine/pods/context.ts';
import { bind } from './mounts.ts';

type Needs = Pick<PodContext, 'podFolders' | 'snapshotter' | 'archive'>;

/** A file ready to be put into a container. */
export type ReadyFile = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
};

const MOST_BYTES = 64 * 1024 * 1024;
const FETCH_MS = 30_000;

/** The engine mounts its own over these: an injected one must be mounted too. */
const MOUNTED = new Set(['/etc/hosts', '/etc/resolv.conf', '/etc/hostname']);

/**
 * The contents of a container's files. What cannot be had (a place that does not answer) is left out with a warning: it
 * does not fail the create.
 */
export const readyFiles = async (
  world: Needs,
  pod: Pick<PodSpec, 'files'>,
  spec: PodContainerSpec,
): Promise<{ files: ReadyFile[]; warnings: string[] }> => {
  const files: ReadyFile[] = [];
  const warnings: string[] = [];
  for (const reference of spec.files) {
    const file = reference.detail ?? pod.files.find(({ name }) => name === reference.file);
    if (file === undefined) continue;
    const name = reference.file === '' ? file.name : reference.file;
    try {
      files.push({
        path: reference.path.endsWith('/') ? `${reference.path}${name}` : reference.path,
        bytes: await contentOf(world, file),
        permissions: permissionsOf(reference.permissions) ?? 0o755,
        uid: numberOf(reference.user),
        gid: numberOf(reference.group),
      });
    } catch (error) {
      warnings.push(
        `file ${name} was not injected: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { files, warnings };
};

const contentOf = async (world: Needs, { uri, encoding, content }: PodFile): Promise<Uint8Array> => {
  if (uri !== '')
    return world.podFolders.fetch(uri, { limitBytes: MOST_BYTES, signal: AbortSignal.timeout(FETCH_MS) });
  return encoding === 'base64' ? decodeBase64(content) : new TextEncoder().encode(content);
};

/** As far as it is base64. */
export const decodeBase64 = (text: string): Uint8Array => {
  const compact = text.replaceAll(/\s+/g, '');
  const good = /^[A-Za-z0-9+/]*/.exec(compact)?.[0] ?? '';
  return Buffer.from(good, 'base64');
};

const numberOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : 0);

/** Those that have to be mounted, as mounts. */
export const mountedFiles = async (
  world: Needs,
  podId: string,
  containerId: ContainerId,
  files: readonly ReadyFile[],
): Promise<MountRequest[]> =>
  settleAll(
    files
      .filter(({ path }) => MOUNTED.has(path))
      .map(async (file) => {
        const source = await world.podFolders.makeFile(podId, `${containerId}${file.path}`, file);
        return bind(source, file.path, false);
      }),
  );

/** Writes the others into the container's root, which does not run yet; links inside are followed inside. */
export const injectFiles = async (
  world: Needs,
  id: ContainerId,
  files: readonly ReadyFile[],
): Promise<void> => {
  const inRoot = files.filter(({ path }) => !MOUNTED.has(path));
  if (inRoot.length === 0) return;
  const view = { id, mounts: [], readonlyRoot: false };
  await world.snapshotter.mountRoot(id);
  try {
    for (const { path, bytes, permissions, uid, gid } of inRoot) {
      const at = path.lastIndexOf('/');
      const folder = at <= 0 ? '/' : path.slice(0, at);
      if (folder !== '/') await world.snapshotter.makeDirectory(id, folder);
      const header = {
        path: path.slice(at + 1),
        kind: 'file' as const,
        mode: permissions,
        uid,
        gid,
        modified: { seconds: Math.floor(Date.now() / 1000), nanoseconds: 0 },
      };
      await world.archive.write(
        view,
        { path: folder, keepKinds: true },
        writeTar([{ header, content: bytes }]),
      );
    }
  } finally {
    await world.snapshotter.unmountRoot(id);
  }
};
