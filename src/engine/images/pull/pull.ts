import { parsePlatform } from '#domain/image/platform.ts';
import { formatFamiliar, joinReference } from '#domain/image/reference.ts';
import type { Reference } from '#domain/image/reference.ts';
import type { PullRequest, TransferProgress } from '#engine/engine.ts';
import { Semaphore } from '#lib/semaphore.ts';
import { toPullError } from '#engine/images/image-errors.ts';
import type { ImagesContext } from '#engine/images/images-world.ts';
import { ProgressFeed } from '#engine/images/progress-feed.ts';
import { fetchImage } from './fetch-image.ts';
import type { PullContext } from './pull-context.ts';
import { resolveManifest } from './resolve-manifest.ts';

/**
 * Pulls an image, or all tags of a repository. What is wrong with the name, the registry or the
 * access is thrown before the first message; later failures end the messages. Leaving the iteration
 * or aborting the signal stops what no other pull shares; downloaded bytes are kept for the next try.
 */
export async function* pull(
  world: ImagesContext,
  request: PullRequest,
): AsyncGenerator<TransferProgress, void, void> {
  const reference = joinReference(request.repository, request.tag);
  const leaving = new AbortController();
  const context = contextOf(world, request, {
    reference,
    signal: AbortSignal.any([request.signal, leaving.signal]),
  });
  const isAllTags = reference.tag === '' && reference.digest === '';
  const { started, done } = isAllTags ? pullAllTags(context, reference) : pullOne(context, reference);
  try {
    await started;
    yield* context.feed;
  } finally {
    leaving.abort();
    await done;
  }
}

type Run = {
  /** Settles when the first message may go out. */
  readonly started: Promise<unknown>;
  /** Never rejects: a failure is the feed's. */
  readonly done: Promise<void>;
};

const pullOne = (context: PullContext, reference: Reference): Run => {
  const resolved = resolveFor(context, reference);
  const work = async (): Promise<void> => {
    const isNew = await announceAndFetch(context, reference, await resolved);
    context.feed.say(statusLine(reference, isNew));
  };
  return { started: resolved, done: context.feed.follow(work()) };
};

const pullAllTags = (context: PullContext, reference: Reference): Run => {
  const { world, address, access, feed } = context;
  const listed = translated(reference, async () => world.registry.tags(address, access));
  const work = async (): Promise<void> => {
    let isAnyNew = false;
    for (const tag of await listed) {
      const tagged = { ...reference, tag };
      const isNew = await announceAndFetch(context, tagged, await resolveFor(context, tagged));
      isAnyNew ||= isNew;
    }
    feed.say(statusLine(reference, isAnyNew));
  };
  return { started: listed, done: feed.follow(work()) };
};

const announceAndFetch = async (
  context: PullContext,
  reference: Reference,
  manifest: Awaited<ReturnType<typeof resolveManifest>>,
): Promise<boolean> => {
  const id = reference.digest === '' ? reference.tag : reference.digest;
  context.feed.say(`Pulling from ${reference.path}`, id);
  return translated(reference, async () => fetchImage(context, reference, manifest));
};

const resolveFor = async (context: PullContext, reference: Reference) =>
  translated(reference, async () => resolveManifest(context, reference));

const translated = async <T>(reference: Reference, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw toPullError(error, reference);
  }
};

const contextOf = (
  world: ImagesContext,
  request: PullRequest,
  { reference, signal }: { reference: Reference; signal: AbortSignal },
): PullContext => ({
  world,
  address: { host: reference.host, path: reference.path },
  access: {
    signal,
    ...(request.credentials === undefined ? {} : { credentials: request.credentials }),
    ...(request.headers === undefined ? {} : { headers: request.headers }),
  },
  signal,
  wanted: request.platform === '' ? world.platform : parsePlatform(request.platform, world.platform),
  isPlatformAsked: request.platform !== '',
  feed: new ProgressFeed(),
  slots: new Semaphore(world.limits.downloadsPerPull),
});

const statusLine = (reference: Reference, isNew: boolean): string =>
  `Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${formatFamiliar(reference)}`;
