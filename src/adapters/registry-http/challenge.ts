/** What a registry asks for in `WWW-Authenticate` (RFC 7235, distribution "token authentication"). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string;
      readonly scope: string;
      /** `insufficient_scope`, `invalid_token` or ''. */
      readonly error: string;
    };

const PARAMETER = /([a-zA-Z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** The first challenge we can answer, Bearer before Basic; undefined when there is none. */
export const parseChallenge = (header: string | undefined): Challenge | undefined => {
  if (header === undefined) return undefined;
  const bearerAt = header.search(/\bbearer\s/i);
  if (bearerAt >= 0) {
    const parameters = readParameters(header.slice(bearerAt + 'bearer'.length));
    const realm = parameters.get('realm') ?? '';
    if (realm !== '') {
      return {
        scheme: 'bearer',
        realm,
        service: parameters.get('service') ?? '',
        scope: parameters.get('scope') ?? '',
        error: parameters.get('error') ?? '',
      };
    }
  }
  return /\bbasic\b/i.test(header) ? { scheme: 'basic' } : undefined;
};

const readParameters = (text: string): Map<string, string> => {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, bare] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    // A later challenge in the same header repeats `realm`: the first one is ours.
    if (!parameters.has(key)) parameters.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '');
  }
  return parameters;
};
