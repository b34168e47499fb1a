import { TestDaemon } from '#test/support/daemon.ts';
import { ACCOUNT, pushImage, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';
import type { TestImage } from '#test/support/test-image.ts';
import { ClientRun, HYPERCTL_1_1 } from './client-run.ts';
import type { Sending } from './client-run.ts';
import { bodyOf, tell } from './transcript.ts';

/** A daemon and two registries, one of which asks who is there, with `some/tool` in both. */
export class ImageBench implements AsyncDisposable {
  readonly daemon: TestDaemon;
  /** `latest` and `v1`. */
  readonly open: TestRegistry;
  /** `v1`, for ACCOUNT. */
  readonly guarded: TestRegistry;
  readonly image: TestImage;

  private constructor(
    daemon: TestDaemon,
    { open, guarded, image }: Pick<ImageBench, 'open' | 'guarded' | 'image'>,
  ) {
    this.daemon = daemon;
    this.open = open;
    this.guarded = guarded;
    this.image = image;
  }

  static async start(): Promise<ImageBench> {
    // Whatever fails, registries that go on would keep the test going.
    await using begun = new AsyncDisposableStack();
    const open = begun.use(await startRegistry());
    const guarded = begun.use(await startRegistry({ auth: 'basic' }));
    const daemon = begun.use(await TestDaemon.start());
    const image = await makeImage({ run: { cmd: ['/hello'] } });
    const repository = 'some/tool';
    for (const tag of ['latest', 'v1']) await pushImage({ url: open.url, repository, tag }, image);
    const word = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
    await pushImage({ url: guarded.url, repository, tag: 'v1', authorization: `Basic ${word}` }, image);
    begun.move();
    return new ImageBench(daemon, { open, guarded, image });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.daemon, this.open, this.guarded].map(async (one) => one[Symbol.asyncDispose]()));
  }

  /** One call of today's client. */
  async hyperctl(request: string, sending?: Sending): Promise<string> {
    using run = new ClientRun(this.daemon, HYPERCTL_1_1);
    return await run.call(request, sending);
  }

  pull(name: string, more = '', headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.hyperctl(`POST /image/create?imageName=${encodeURIComponent(name)}${more}`, { headers });
  }

  remove(name: string, more = ''): Promise<string> {
    return tell(this.daemon, `DELETE /image?imageId=${encodeURIComponent(name)}${more}`);
  }

  /** Lines of the list. */
  async lines(query = ''): Promise<string[]> {
    const answer = await tell(this.daemon, `GET /images/get${query}`);
    return (bodyOf(answer) as { imagesList: string[] }).imagesList;
  }

  /** The names in them. */
  async names(query = ''): Promise<string[]> {
    return (await this.lines(query)).map((line) => line.split(':').slice(0, -3).join(':'));
  }

  /** Another name for the image, which is there. */
  async tag(repo: string, tag = 'v1'): Promise<void> {
    await this.daemon.client.json('POST', `/images/${this.image.id}/tag`, { query: { repo, tag } });
  }
}
