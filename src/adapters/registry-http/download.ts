import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import type { Download } from '#engine/ports/downloads.ts';
import { streamBody } from './transport.ts';
import type { Answer, Transport } from './transport.ts';

/** Opens an address of the web; see the `Downloads` port. */
export const openDownload = async (
  transport: Transport,
  userAgent: string,
  address: string,
  signal?: AbortSignal,
): Promise<Download> => {
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new EngineError('invalid', 'download.bad-url', `not an http or https address: "${address}"`, {
      params: { url: address },
    });
  }
  const answer = await ask(transport, { url, headers: { 'user-agent': userAgent }, insecure: false, signal });
  if (answer.status !== 200) {
    await answer.body.dump();
    throw failed(
      address,
      answer.status === 404 ? 'not-found' : 'failed',
      `Got HTTP status code ${answer.status}`,
    );
  }
  const length = answer.headers['content-length'];
  return {
    stream: streamBody(answer, signal),
    ...(length === undefined ? {} : { totalBytes: Number(length) }),
  };
};

const ask = async (transport: Transport, question: Parameters<Transport['ask']>[0]): Promise<Answer> => {
  try {
    return await transport.ask(question);
  } catch (error) {
    if (!isEngineError(error, 'unavailable')) throw error;
    throw failed(question.url.href, 'failed', error.message, error);
  }
};

const failed = (url: string, what: 'not-found' | 'failed', text: string, cause?: unknown): EngineError =>
  new EngineError(
    what === 'failed' ? 'unavailable' : what,
    `download.${what}`,
    `Error downloading ${url}: ${text}`,
    {
      params: { url, text },
      cause,
    },
  );
