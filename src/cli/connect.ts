import { parseDaemonAddress } from '#client/address.ts';
import { ApiError } from '#client/api-error.ts';
import { DaemonClient } from '#client/daemon-client.ts';
import { CommandError } from './exit-code.ts';

const USUAL = ['unix:///var/run/docker.sock', 'unix:///run/gantry/gantry.sock'] as const;

/** The daemon named by flag or environment, else the first usual socket that answers. */
export const connect = async (host: string | undefined): Promise<DaemonClient> => {
  const client = await findDaemon(host);
  if (client !== undefined) return client;
  const tried = named(host) ?? USUAL.join(' and ');
  throw new CommandError(`no daemon answers at ${tried}. Start one with: npm start`, 125);
};

/** undefined when none answers. */
export const findDaemon = async (host: string | undefined): Promise<DaemonClient | undefined> => {
  const given = named(host);
  for (const url of given === undefined ? USUAL : [given]) {
    const client = new DaemonClient(parseDaemonAddress(url));
    if (await answers(client)) return client;
  }
  return undefined;
};

const named = (host: string | undefined): string | undefined =>
  [host, process.env['GANTRY_HOST'], process.env['DOCKER_HOST']].find(
    (url) => url !== undefined && url !== '',
  );

const answers = async (client: DaemonClient): Promise<boolean> => {
  try {
    const response = await client.open('GET', '/_ping');
    response.resume();
    return true;
  } catch (error) {
    if (error instanceof ApiError) return error.status !== 0;
    throw error;
  }
};
