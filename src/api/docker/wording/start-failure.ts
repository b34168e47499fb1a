import type { ErrorParams } from '#domain/error/engine-error.ts';
import { SETTINGS_WORDING } from './container-settings.ts';
import type { Wording } from './wording.ts';

const RUNTIME =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: unable to start container process';

/** The runtime could not execute the command: a shell's exit codes say so. */
const isCommandsFault = ({ exitCode }: ErrorParams): boolean => exitCode === 126 || exitCode === 127;

/** `Bind for 0.0.0.0:80 failed: port is already allocated`: clients look for these words. */
const portReason = ({ reason, address, port, protocol, detail }: ErrorParams): string | undefined => {
  if (reason === 'port.allocated') return `Bind for ${address}:${port} failed: port is already allocated`;
  if (reason === 'port.in-use') {
    return `failed to bind host port for ${address}:${port}/${protocol}: address already in use`;
  }
  return typeof reason === 'string' && reason.startsWith('port.') ? String(detail) : undefined;
};

/**
 * Why a start failed, with the words by which clients choose the exit codes 125, 126 and 127
 * (docker-modern.md 2.2) and find taken ports.
 */
export const startFailure: Wording = ({ params }) => {
  const port = portReason(params);
  if (port !== undefined) {
    return {
      status: 500,
      message: `driver failed programming external connectivity on endpoint ${params['name']} (${params['id']}): ${port}`,
    };
  }
  const { reason, detail } = params;
  if (typeof reason === 'string' && reason.startsWith('runtime.')) {
    return { status: isCommandsFault(params) ? 400 : 500, message: `${RUNTIME}: ${detail}` };
  }
  return { status: statusOf(reason), message: innerWords(params) };
};

/** Today's sentence for why it failed, where that has one of its own, else its own words. */
export const innerWords = (params: ErrorParams): string => {
  const wording = SETTINGS_WORDING[String(params['reason'])];
  return wording?.({ params, message: '', place: { params: {} } }).message ?? String(params['detail']);
};

/** `State.Error`, and what wait tells: the sentence that start answered with. */
export const startFailureText = ({
  error,
  failure,
}: {
  readonly error?: string;
  readonly failure?: ErrorParams | undefined;
}): string => {
  if (error === undefined || error === '' || failure === undefined) return error ?? '';
  return startFailure({ params: failure, message: error, place: { params: {} } }).message ?? error;
};

/** What a client can set right is its fault; the rest is the daemon's. */
const statusOf = (reason: unknown): number => {
  if (reason === 'image.not-found' || reason === 'network.not-found' || reason === 'container.not-found')
    return 404;
  if (reason === 'namespace.join-itself') return 500;
  if (reason === 'namespace.join-not-running' || reason === 'namespace.join-missing') return 409;
  return typeof reason === 'string' &&
    /^(?:config|mount|namespace|user|group|security-opt|workdir)\./.test(reason)
    ? 400
    : 500;
};
