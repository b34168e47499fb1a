import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRegistryClient } from '#adapters/registry-http/registry-client.ts';
import type { RegistryClient } from '#adapters/registry-http/registry-client.ts';
import { isEngineError } from '#domain/error/engine-error.ts';
import type { ErrorKind } from '#domain/error/engine-error.ts';
import type { Credentials } from '#domain/registry/credentials.ts';
import { makeCertificates } from '#test/support/certificates.ts';
import { startCuttingProxy } from '#test/support/cutting-proxy.ts';
import { ACCOUNT, freePort, pushBlob, pushImage, pushIndex, startRegistry } from '#test/support/registry.ts';
import type { TestRegistry } from '#test/support/registry.ts';
import { makeImage, sha256 } from '#test/support/test-image.ts';
import type { TestImage } from '#test/support/test-image.ts';
import { startTokenServer } from '#test/support/token-server.ts';

const options = { insecureRegistries: [], mirrors: [], userAgent: 'gantry-test', retryDelayMs: 5 };
const NOBODY: Credentials = {
  username: '',
  password: '',
  email: '',
  serverAddress: '',
  identityToken: '',
  registryToken: '',
};
const TESTER: Credentials = { ...NOBODY, ...ACCOUNT };
const BASIC = `Basic ${Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64')}`;

const failsWith =
  (kind: ErrorKind, code: string, words?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isEngineError(error), String(error));
    assert.deepEqual([error.kind, error.code], [kind, code], error.message);
    if (words !== undefined) assert.match(error.message, words);
    return true;
  };

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(source));

describe('registry over plain http', () => {
  let server: TestRegistry;
  let client: RegistryClient;
  let image: TestImage;
  const path = 'team/app';

  before(async () => {
    server = await startRegistry();
    client = createRegistryClient(options);
    image = await makeImage({ layers: [{ files: { big: randomBytes(400_000) } }] });
    await pushImage({ url: server.url, repository: path, tag: 'v1' }, image);
  });
  after(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  const address = () => ({ host: server.host, path });

  test('gives a manifest by tag and by digest', async () => {
    for (const reference of ['v1', image.manifestDigest]) {
      const manifest = await client.manifest(address(), reference, {});
      assert.equal(manifest.digest, image.manifestDigest);
      assert.equal(manifest.mediaType, image.manifestType);
      assert.ok(image.manifest.equals(manifest.bytes));
    }
  });

  test('gives an index as an index', async () => {
    const platform = { os: 'linux', architecture: 'amd64' };
    const digest = await pushIndex({ url: server.url, repository: path, tag: 'many' }, [{ image, platform }]);
    assert.equal((await client.manifest(address(), 'many', {})).digest, digest);
  });

  test('gives a blob from any offset', async () => {
    const [layer] = image.layers;
    assert.ok(layer);
    for (const offset of [0, 1, 123_456, layer.blob.length - 1]) {
      const blob = await client.blob(address(), layer.digest, offset, {});
      assert.equal(blob.offset, offset);
      assert.equal(blob.totalBytes, layer.blob.length);
      assert.ok(layer.blob.subarray(offset).equals(await collect(blob.stream)));
    }
    const whole = await client.blob(address(), layer.digest, layer.blob.length, {});
    assert.equal(whole.offset, 0);
    assert.ok(layer.blob.equals(await collect(whole.stream)));
  });

  test('lists tags', async () => {
    assert.deepEqual((await client.tags(address(), {})).toSorted(), ['many', 'v1']);
  });

  test('says what is missing in the words of the registry', async () => {
    await assert.rejects(
      client.manifest(address(), 'nope', {}),
      failsWith('not-found', 'registry.manifest-unknown', /^manifest unknown: manifest unknown$/),
    );
    await assert.rejects(
      client.manifest({ host: server.host, path: 'no/such' }, 'v1', {}),
      failsWith('not-found', 'registry.manifest-unknown'),
    );
    await assert.rejects(
      client.blob(address(), `sha256:${'0'.repeat(64)}`, 0, {}),
      failsWith('not-found', 'registry.blob-unknown', /^blob unknown: /),
    );
    await assert.rejects(
      client.tags({ host: server.host, path: 'no/such' }, {}),
      failsWith('not-found', 'registry.name-unknown', /^name unknown: /),
    );
  });

  test('an open registry lets everybody in', async () => {
    const result = await client.login({ ...TESTER, serverAddress: `http://${server.host}/v2/` });
    assert.deepEqual(result, { status: 'Login Succeeded', identityToken: '' });
  });

  test('a server that is not there is unavailable, an abort is a cancel', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    await assert.rejects(
      client.manifest({ host, path }, 'v1', {}),
      failsWith('unavailable', 'registry.unreachable'),
    );
    const signal = AbortSignal.abort();
    await assert.rejects(
      client.manifest(address(), 'v1', { signal }),
      failsWith('cancelled', 'registry.cancelled'),
    );
  });

  test('failures that pass are tried again, others are not', async () => {
    await using proxy = await startCuttingProxy({
      upstream: server.url,
      failWith: (_path, attempt) => [503, 429][attempt - 1],
    });
    const manifest = await client.manifest({ host: proxy.host, path }, 'v1', {});
    assert.equal(manifest.digest, image.manifestDigest);
    assert.equal(proxy.requests.length, 3);
    await using broken = await startCuttingProxy({ upstream: server.url, failWith: () => 500 });
    await assert.rejects(
      client.manifest({ host: broken.host, path }, 'v1', {}),
      failsWith('unavailable', 'registry.failed', /500/),
    );
    assert.equal(broken.requests.length, 4);
  });

  test('a cut body is an error, never a short blob', async () => {
    const [layer] = image.layers;
    assert.ok(layer);
    await using proxy = await startCuttingProxy({ upstream: server.url, cutAfter: () => 1000 });
    const blob = await client.blob({ host: proxy.host, path }, layer.digest, 0, {});
    await assert.rejects(collect(blob.stream), failsWith('unavailable', 'registry.broken-off'));
  });

  test('a manifest that is not the one asked for is refused', async () => {
    await using proxy = await startCuttingProxy({
      upstream: server.url,
      rewrite: (_path, body) => Buffer.concat([body, Buffer.from(' ')]),
    });
    for (const reference of ['v1', image.manifestDigest]) {
      await assert.rejects(
        client.manifest({ host: proxy.host, path }, reference, {}),
        failsWith('invalid', 'registry.digest-mismatch'),
      );
    }
  });

  test('a mirror is asked first, without credentials, and may fail', async () => {
    const official = { host: 'docker.io', path };
    const mirrored = createRegistryClient({
      ...options,
      mirrors: [`http://127.0.0.1:${await freePort()}`, server.url],
    });
    assert.equal(
      (await mirrored.manifest(official, 'v1', { credentials: TESTER })).digest,
      image.manifestDigest,
    );
    await mirrored.close();
  });
});

describe('registry with a password', () => {
  let server: TestRegistry;
  let client: RegistryClient;
  const address = () => ({ host: server.host, path: 'private/app' });

  before(async () => {
    server = await startRegistry({ auth: 'basic' });
    client = createRegistryClient(options);
    const target = { url: server.url, repository: 'private/app', tag: 'v1', authorization: BASIC };
    await pushImage(target, await makeImage());
  });
  after(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  test('lets in who knows it and nobody else', async () => {
    await assert.rejects(
      client.manifest(address(), 'v1', {}),
      failsWith('unauthenticated', 'registry.unauthorized', /no basic auth credentials/),
    );
    await assert.rejects(
      client.manifest(address(), 'v1', { credentials: { ...TESTER, password: 'wrong' } }),
      failsWith('unauthenticated', 'registry.unauthorized', /^unauthorized: authentication required$/),
    );
    assert.ok(await client.manifest(address(), 'v1', { credentials: TESTER }));
    await assert.rejects(
      client.manifest(address(), 'v1', {}),
      failsWith('unauthenticated', 'registry.unauthorized'),
    );
  });

  test('login tells right from wrong', async () => {
    const login = { ...TESTER, serverAddress: server.host };
    assert.equal((await client.login(login)).status, 'Login Succeeded');
    await assert.rejects(
      client.login({ ...login, password: 'wrong' }),
      failsWith('unauthenticated', 'registry.login-refused'),
    );
  });
});

describe('registry with tokens', () => {
  test('tokens are fetched per scope, kept, and refreshed by identity token', async () => {
    const { stranger: pair } = await makeCertificates();
    await using tokens = await startTokenServer({
      pair,
      ...ACCOUNT,
      identityToken: 'long-lived',
      lifeSeconds: 300,
    });
    await using server = await startRegistry({ auth: { realm: tokens.realm, pair } });
    const client = createRegistryClient(options);
    const login = { ...TESTER, serverAddress: server.host };
    assert.deepEqual(await client.login(login), { status: 'Login Succeeded', identityToken: 'long-lived' });
    await assert.rejects(
      client.login({ ...login, password: 'wrong' }),
      failsWith('unauthenticated', 'registry.login-refused', /incorrect username or password/),
    );
    const address = { host: server.host, path: 'a/b' };
    tokens.requests.length = 0;
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(
        client.manifest(address, 'v1', { credentials: TESTER }),
        failsWith('not-found', 'registry.manifest-unknown'),
      );
    }
    assert.deepEqual(tokens.requests, ['GET repository:a/b:pull']);
    await assert.rejects(
      client.manifest(address, 'v1', { credentials: { ...NOBODY, identityToken: 'long-lived' } }),
      failsWith('not-found', 'registry.manifest-unknown'),
    );
    assert.equal(tokens.requests.at(-1), 'POST repository:a/b:pull');
    await assert.rejects(client.manifest(address, 'v1', {}), (error) => {
      assert.ok(isEngineError(error));
      assert.match(error.message, /^denied: requested access to the resource is denied$/);
      return error.params['registryCode'] === 'DENIED';
    });
    await client.close();
  });
});

describe('registry over TLS', () => {
  test('needs a certificate somebody vouches for, unless it is insecure', async () => {
    const { ca, server: pair } = await makeCertificates();
    await using server = await startRegistry({ tls: pair });
    const image = await makeImage();
    await pushImage({ url: server.url, repository: 'app', tag: 'v1' }, image);
    // 127.0.0.1 is always insecure.
    const lenient = createRegistryClient(options);
    assert.equal(
      (await lenient.manifest({ host: server.host, path: 'app' }, 'v1', {})).digest,
      image.manifestDigest,
    );
    await lenient.close();

    const port = server.host.split(':')[1];
    const certificatesFolder = await mkdtemp(join(tmpdir(), 'gantry-certs-'));
    await mkdir(join(certificatesFolder, server.host));
    await writeFile(join(certificatesFolder, server.host, 'ca.crt'), ca.cert);
    // Downloads never trust blindly, whatever the address.
    const strict = createRegistryClient({ ...options, certificatesFolder: '/nonexistent' });
    await assert.rejects(
      strict.open(`https://127.0.0.1:${port}/v2/`),
      failsWith('unavailable', 'download.failed'),
    );
    const trusting = createRegistryClient({ ...options, certificatesFolder });
    assert.equal((await collect((await trusting.open(`${server.url}/v2/`)).stream)).toString(), '{}');
    await Promise.all([strict.close(), trusting.close()]);
    await rm(certificatesFolder, { recursive: true });
  });
});

describe('redirects and downloads', () => {
  test('credentials stay with the server they were meant for', async () => {
    const blob = randomBytes(1000);
    await using registry = await startRegistry();
    await pushBlob({ url: registry.url, repository: 'app', tag: '' }, blob);
    const seen: IncomingHttpHeaders[] = [];
    const storage = createServer((request, response) => {
      seen.push(request.headers);
      response.end(blob);
    });
    storage.listen(0, '127.0.0.1');
    await once(storage, 'listening');
    const storageAddress = storage.address();
    assert.ok(storageAddress !== null && typeof storageAddress === 'object');
    const front = createServer((request, response) => {
      seen.push(request.headers);
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return;
      }
      response.writeHead(307, { location: `http://127.0.0.1:${storageAddress.port}/file` }).end();
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const frontAddress = front.address();
    assert.ok(frontAddress !== null && typeof frontAddress === 'object');
    const client = createRegistryClient(options);
    const address = { host: `127.0.0.1:${frontAddress.port}`, path: 'app' };
    const answer = await client.blob(address, sha256(blob), 0, {
      credentials: TESTER,
      headers: { 'X-Meta-Test': 'yes' },
    });
    assert.ok(blob.equals(await collect(answer.stream)));
    assert.equal(seen[1]?.authorization, BASIC);
    assert.equal(seen[1]?.['x-meta-test'], 'yes');
    assert.equal(seen[2]?.authorization, undefined);
    await client.close();
    for (const server of [front, storage]) {
      server.closeAllConnections();
      server.close();
    }
  });

  test('a download is opened or refused before its first byte', async () => {
    await using registry = await startRegistry();
    const client = createRegistryClient(options);
    const download = await client.open(`${registry.url}/v2/`);
    assert.equal(download.totalBytes, 2);
    assert.equal((await collect(download.stream)).toString(), '{}');
    await assert.rejects(
      client.open(`${registry.url}/nothing`),
      failsWith('not-found', 'download.not-found', /404/),
    );
    await assert.rejects(client.open('file:///etc/passwd'), failsWith('invalid', 'download.bad-url'));
    await client.close();
  });
});
