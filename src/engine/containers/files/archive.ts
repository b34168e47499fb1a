import type { Container } from '#domain/container/container.ts';
import { engineError } from '#domain/error/catalogue.ts';
import type { ContainerContext } from '#engine/containers/context.ts';
import { announce } from '#engine/containers/announce.ts';
import { resolveUser } from '#engine/containers/spec/resolve-user.ts';
import type { PathAsked, PutArchive } from '#engine/engine.ts';
import type { ArchiveRead, PathStat } from '#engine/ports/root-archive.ts';
import { viewOf } from './view.ts';

type Needs = Pick<ContainerContext, 'archive' | 'records' | 'events' | 'state' | 'volumeMounts'>;

export type Archive = { readonly stat: PathStat; readonly content: AsyncIterable<Uint8Array> };

/** docker-semantics.md 12: files of a container in any state. No lock: it may start and stop meanwhile. */
export const statPath = async (world: Needs, ref: string, { path, signal }: PathAsked): Promise<PathStat> => {
  const container = named(world, ref, path);
  return mounted(world, container, () => world.archive.stat(viewOf(container), path, signal));
};

export const getArchive = async (
  world: Needs,
  ref: string,
  { path, signal }: PathAsked,
): Promise<Archive> => {
  const container = named(world, ref, path);
  const archive = await open(world, container, { path, follow: false, signal });
  announce(world, 'archive-path', container);
  return archive;
};

/** The same with all links followed, as clients of API 1.4 to 1.23 ask for it. */
export const copyPath = async (world: Needs, ref: string, { path, signal }: PathAsked): Promise<Archive> => {
  const container = named(world, ref, path);
  const archive = await open(world, container, { path, follow: true, signal });
  announce(world, 'copy', container);
  return archive;
};

export const putArchive = async (world: Needs, ref: string, request: PutArchive): Promise<void> => {
  const container = named(world, ref, request.path);
  const owner = await ownerOf(world, container, request.owner);
  const { path, keepKinds, content, signal } = request;
  const wanted = { path, keepKinds, signal, ...(owner === undefined ? {} : { owner }) };
  await mounted(world, container, () => world.archive.write(viewOf(container), wanted, content));
  announce(world, 'extract-to-dir', container);
};

/** Once it answers, the archive has its own view of the volumes. */
const open = (world: Needs, container: Container, request: ArchiveRead): Promise<Archive> =>
  mounted(world, container, () => world.archive.read(viewOf(container), request));

const mounted = <T>({ volumeMounts }: Needs, { mounts }: Container, work: () => Promise<T>): Promise<T> =>
  volumeMounts.during(mounts, work);

const named = ({ records }: Needs, ref: string, path: string): Container => {
  if (path === '') throw engineError('archive.empty-path', {});
  return records.get(ref);
};

const ownerOf = async (
  world: Needs,
  container: Container,
  owner: PutArchive['owner'],
): Promise<{ readonly uid: number; readonly gid: number } | undefined> => {
  if (owner === 'archive' || (owner === 'user' && container.config.user === '')) return undefined;
  if (owner === 'root') return { uid: 0, gid: 0 };
  const [passwd, group] = await Promise.all([
    readText(world, container, '/etc/passwd'),
    readText(world, container, '/etc/group'),
  ]);
  return resolveUser(container.config.user, [], { passwd, group });
};

const MOST_BYTES = 1024 * 1024;

/** A small file of the container, by way of its archive: it need not run. */
const readText = async ({ archive }: Needs, container: Container, path: string): Promise<string> => {
  const bytes = await archive.readFile(viewOf(container), path, MOST_BYTES);
  return bytes === undefined ? '' : new TextDecoder().decode(bytes);
};
