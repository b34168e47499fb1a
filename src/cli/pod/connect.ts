import { parseDaemonAddress } from '#client/address.ts';
import { ApiError } from '#client/api-error.ts';
import { DaemonClient } from '#client/daemon-client.ts';
import { CommandError } from '#cli/exit-code.ts';

const USUAL = 'unix:///var/run/hyper.sock';

/** The daemon's address for pods, by flag, `GANTRY_HYPER_HOST`, or where hyperd's clients look for it. */
export const connectPods = async (host: string | undefined): Promise<DaemonClient> => {
  const url =
    [host, process.env['GANTRY_HYPER_HOST']].find((each) => each !== undefined && each !== '') ?? USUAL;
  const client = new DaemonClient(parseDaemonAddress(url), 'hyper');
  try {
    (await client.open('GET', '/_ping')).resume();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new CommandError(`no daemon serves pods at ${url}. Start one with: npm start`, 125, {
      cause: error,
    });
  }
  return client;
};
