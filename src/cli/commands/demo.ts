import type { DaemonClient } from '#client/daemon-client.ts';
import { startPrivateDaemon } from '#cli/private-daemon.ts';
import { relay } from '#cli/terminal/relay.ts';
import { buildDemoImage, DEMO_IMAGE } from './demo-image.ts';
import { loadInto } from './load.ts';

const say = (text: string): void => void process.stdout.write(`\n\u001B[1m# ${text}\u001B[0m\n`);

/** Shows the engine with nothing but this machine: no network, no registry, no image needed. */
export const demo = async (): Promise<void> => {
  say('starting a private daemon');
  await using daemon = await startPrivateDaemon();
  const { client } = daemon;
  say('loading an image made of this machine’s static busybox');
  await loadInto(client, buildDemoImage(), (text) => process.stdout.write(text));
  say('a web server in one container');
  const server = await create(client, { Cmd: ['httpd', '-f', '-p', '80', '-h', '/www'] });
  await client.json('POST', `/containers/${server}/start`);
  try {
    say('another container that shares its network and asks it on localhost');
    await attachAndRun(client, {
      Cmd: ['sh', '-c', 'until wget -q -O - http://127.0.0.1/; do sleep 0.1; done; echo "my id: $(id)"'],
      HostConfig: { NetworkMode: `container:${server}`, AutoRemove: true },
    });
  } finally {
    say('removing the server');
    await client.json('DELETE', `/containers/${server}`, { query: { force: 1, v: 1 } });
  }
  say('done; the private daemon ends now');
};

const create = async (client: DaemonClient, body: Record<string, unknown>): Promise<string> => {
  const { Id } = await client.json<{ Id: string }>('POST', '/containers/create', {
    body: { Image: DEMO_IMAGE, ...body },
  });
  process.stdout.write(`container ${Id.slice(0, 12)}\n`);
  return Id;
};

const attachAndRun = async (client: DaemonClient, body: Record<string, unknown>): Promise<void> => {
  const id = await create(client, body);
  const { stream } = await client.hijack(`/containers/${id}/attach`, {
    query: { stream: 1, stdout: 1, stderr: 1 },
  });
  await client.json('POST', `/containers/${id}/start`);
  await relay(stream, { tty: false, input: undefined, stdout: process.stdout, stderr: process.stderr });
};
