import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from '#domain/error/engine-error.ts';
import type { PodFolders } from '#engine/ports/pod-folders.ts';

/** Folders of pods at `<dataRoot>/pods/<id>/volumes/<name>`. */
export const createPodFolders = (options: { readonly dataRoot: string }): PodFolders => {
  const root = join(options.dataRoot, 'pods');
  const folderOf = (podId: string): string => {
    if (/^\w[\w.-]*$/.test(podId)) return join(root, podId);
    throw new EngineError('invalid', 'pod.id-invalid', `"${podId}" cannot name a pod`);
  };
  return {
    makeVolume: async (podId, name) => {
      const path = join(folderOf(podId), 'volumes', encodeName(name));
      await mkdir(path, { recursive: true, mode: 0o755 });
      return path;
    },
    makeFile: async (podId, name, { bytes, permissions, uid, gid }) => {
      const folder = join(folderOf(podId), 'files');
      await mkdir(folder, { recursive: true, mode: 0o711 });
      const path = join(folder, encodeName(name));
      await using file = await open(path, 'w', permissions);
      await file.writeFile(bytes);
      await file.chown(uid, gid);
      await file.chmod(permissions);
      return path;
    },
    remove: async (podId) => rm(folderOf(podId), { recursive: true, force: true }),
    list: async () => {
      try {
        return await readdir(root);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      }
    },
    fetch: async (uri, limits) => {
      const url = new URL(uri);
      if (url.protocol === 'file:') return readLimited(fileURLToPath(url), limits.limitBytes);
      if (url.protocol === 'http:' || url.protocol === 'https:') return download(url, limits);
      throw new EngineError('invalid', 'pod.file-uri', `files: unknown scheme of ${uri}`, {
        params: { uri },
      });
    },
  };
};

/** Any text as one name of a folder, never `.` or `..`, readable where it can be. */
const encodeName = (name: string): string => `_${encodeURIComponent(name).slice(0, 200)}`;

const tooLarge = (uri: string, limitBytes: number): EngineError =>
  new EngineError('invalid', 'pod.file-too-large', `files: ${uri} is larger than ${limitBytes} bytes`, {
    params: { uri, limitBytes },
  });

const readLimited = async (path: string, limitBytes: number): Promise<Uint8Array> => {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size > limitBytes) throw tooLarge(path, limitBytes);
  return await file.readFile();
};

const download = async (
  url: URL,
  { limitBytes, signal }: Parameters<PodFolders['fetch']>[1],
): Promise<Uint8Array> => {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new EngineError('unavailable', 'pod.file-uri', `files: ${url.href} answers ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  // A stream of bytes, whatever its type says.
  const body: AsyncIterable<Uint8Array> = response.body;
  for await (const part of body) {
    length += part.length;
    if (length > limitBytes) throw tooLarge(url.href, limitBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
};
