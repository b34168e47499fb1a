import type { HttpRequest } from '#api/http/request.ts';

/** Every release line of hyperd, oldest first: not one row of minor numbers. */
export const RELEASES = ['0.1', '0.2', '0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '1.0', '1.1'] as const;
export const OLDEST = '0.1';
export const NEWEST = '1.1';

/** The same in every release of the client: it stands in the path of hijacked calls and says nothing. */
const CONSTANT = '1.17';

/**
 * The release that speaks. A prefix that names one counts; the constant or none leaves it to the client's own
 * name, and without that it is the newest (hyperd-api 0.1).
 */
export const releaseOf = (sent: string, { headers }: Pick<HttpRequest, 'headers'>): string | undefined => {
  if (sent !== '' && sent !== CONSTANT) return undefined;
  return /\bHyper-Client\/(\d+\.\d+)/.exec(headers['user-agent'] ?? '')?.[1] ?? NEWEST;
};
