import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildOciIndex } from '#formats/oci-image/build-manifest.ts';
import { MEDIA_TYPES } from '#formats/oci-image/media-types.ts';
import type { Pair } from '#test/support/certificates.ts';
import { openPatience } from '#test/support/patience.ts';
import { sha256 } from '#test/support/test-image.ts';
import type { TestImage } from '#test/support/test-image.ts';

/** Name and password that `auth: 'basic'` accepts; the hash is bcrypt's of the password. */
export const ACCOUNT = { username: 'tester', password: 'opensesame' } as const;
const HTPASSWD = 'tester:$2b$05$abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi\n';

export type RegistryRequest = {
  /** Basic, or tokens that a server at `realm` signs with the key of `pair`. */
  readonly auth?: 'basic' | { readonly realm: string; readonly pair: Pair };
  /** The registry then speaks https only. */
  readonly tls?: Pair;
};

/** Debian's `docker-registry` on a free port of 127.0.0.1, with a folder of its own. */
export type TestRegistry = AsyncDisposable & {
  /** `127.0.0.1:port`, as it stands in references. */
  readonly host: string;
  readonly url: string;
};

export const startRegistry = async (request: RegistryRequest = {}): Promise<TestRegistry> => {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-registry-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const url = `${request.tls === undefined ? 'http' : 'https'}://${host}`;
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'htpasswd'), HTPASSWD);
  if (request.tls !== undefined) {
    await writeFile(join(folder, 'tls.crt'), request.tls.cert);
    await writeFile(join(folder, 'tls.key'), request.tls.key);
  }
  if (typeof request.auth === 'object') {
    await writeFile(join(folder, 'tokens.crt'), request.auth.pair.cert);
  }
  await writeFile(join(folder, 'config.yml'), configText(folder, host, request));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  await untilAnswers(child, url);
  return {
    host,
    url,
    [Symbol.asyncDispose]: async () => {
      process.off('exit', kill);
      if (child.exitCode === null) {
        kill();
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** What pushing needs besides the image; `authorization` is a whole header. */
export type PushTarget = {
  readonly url: string;
  readonly repository: string;
  /** '' = by digest only. */
  readonly tag: string;
  readonly authorization?: string;
};

/** Uploads an image by plain HTTP calls. */
export const pushImage = async (target: PushTarget, image: TestImage): Promise<void> => {
  for (const bytes of [image.config, ...image.layers.map(({ blob }) => blob)]) await pushBlob(target, bytes);
  await putManifest(target, image.manifest, image.manifestType);
};

/** Uploads images and an index over them; answers the index's digest. */
export const pushIndex = async (
  target: PushTarget,
  images: readonly { readonly image: TestImage; readonly platform: Readonly<Record<string, string>> }[],
): Promise<string> => {
  for (const { image } of images) await pushImage({ ...target, tag: '' }, image);
  const index = Buffer.from(
    buildOciIndex(
      images.map(({ image, platform }) => ({
        mediaType: image.manifestType,
        digest: image.manifestDigest,
        sizeBytes: image.manifest.length,
        platform,
      })),
    ),
  );
  await putManifest(target, index, MEDIA_TYPES.ociIndex);
  return sha256(index);
};

export const pushBlob = async (target: PushTarget, bytes: Buffer): Promise<void> => {
  const url = `${target.url}/v2/${target.repository}/blobs/uploads/`;
  const start = await send(target, { method: 'POST', url });
  const location = new URL(start.headers.location ?? '', target.url);
  location.searchParams.set('digest', sha256(bytes));
  const headers = { 'content-type': 'application/octet-stream' };
  await send(target, { method: 'PUT', url: location.href, headers, body: bytes });
};

export const putManifest = async (target: PushTarget, bytes: Buffer, type: string): Promise<void> => {
  const name = target.tag === '' ? sha256(bytes) : target.tag;
  const url = `${target.url}/v2/${target.repository}/manifests/${name}`;
  await send(target, { method: 'PUT', url, headers: { 'content-type': type }, body: bytes });
};

/** A port nobody uses now. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

type Sending = {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

const send = async (
  target: PushTarget,
  { method, url, headers, body }: Sending,
): Promise<IncomingMessage> => {
  const all = {
    ...headers,
    'content-length': String(body?.length ?? 0),
    ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
  };
  const answer = await call(url, { method, headers: all }, body);
  if ((answer.statusCode ?? 0) >= 300) throw new Error(`${method} ${url}: ${answer.statusCode}`);
  return answer;
};

const call = async (url: string, options: RequestOptions, body?: Buffer): Promise<IncomingMessage> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.startsWith('https:')
    ? httpsRequest(url, { ...options, rejectUnauthorized: false }, resolve)
    : httpRequest(url, options, resolve);
  request.on('error', reject);
  request.end(body);
  const answer = await promise;
  answer.resume();
  return answer;
};

/** Any HTTP answer will do, 401 too. */
const untilAnswers = async (child: ChildProcess, url: string): Promise<void> => {
  const patience = openPatience();
  for (;;) {
    try {
      await call(`${url}/v2/`, { agent: false });
      return;
    } catch (error) {
      if (child.exitCode !== null)
        throw new Error(`the registry ended with ${child.exitCode}`, { cause: error });
      if (patience.isOver()) throw new Error('the registry does not answer', { cause: error });
      await pause(20);
    }
  }
};

const configText = (folder: string, host: string, { auth, tls }: RegistryRequest): string =>
  JSON.stringify({
    version: '0.1',
    log: { accesslog: { disabled: true }, level: 'error' },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: host,
      secret: 'test',
      ...(tls === undefined
        ? {}
        : { tls: { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') } }),
    },
    ...authText(folder, auth),
  });

const authText = (folder: string, auth: RegistryRequest['auth']): Readonly<Record<string, unknown>> => {
  if (auth === undefined) return {};
  if (auth === 'basic') return { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } };
  return {
    auth: {
      token: {
        realm: auth.realm,
        service: 'test-registry',
        issuer: 'test-issuer',
        rootcertbundle: join(folder, 'tokens.crt'),
      },
    },
  };
};
