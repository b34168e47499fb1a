import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Pair = { readonly cert: string; readonly key: string };

export type Certificates = {
  readonly ca: Pair;
  /** For localhost and 127.0.0.1. */
  readonly server: Pair;
  /** Of `CN=tester,O=gantry`. */
  readonly client: Pair;
  /** Self-signed: of nobody the server trusts. */
  readonly stranger: Pair;
};

let made: Promise<Certificates> | undefined;

/** Fresh certificates, made once per process with openssl. */
export function makeCertificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-certificates-'));
  try {
    const ca = await makePair(folder, 'ca', '/CN=test authority', []);
    const signed = ['-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key')];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    return {
      ca,
      server: await makePair(folder, 'server', '/CN=localhost', [...signed, ...names]),
      client: await makePair(folder, 'client', '/CN=tester/O=gantry', signed),
      stranger: await makePair(folder, 'stranger', '/CN=stranger', []),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makePair(folder: string, name: string, subject: string, options: string[]): Promise<Pair> {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  // Of its own, so that the machine's openssl.cnf adds nothing.
  const config = join(folder, 'openssl.cnf');
  await writeFile(config, '[req]\ndistinguished_name = dn\nx509_extensions = v3\n[dn]\n[v3]\n');
  await run('openssl', [
    'req',
    '-x509',
    '-config',
    config,
    '-subj',
    subject,
    '-keyout',
    key,
    '-out',
    cert,
    ...kind,
    ...options,
  ]);
  return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
}
