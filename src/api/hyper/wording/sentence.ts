import type { ErrorParams } from '#domain/error/engine-error.ts';

/** How hyperd said what the engine found out; `words` gives undefined where it had no sentence for the case. */
export type Sentence = {
  readonly codes: readonly string[];
  readonly routes?: readonly string[];
  readonly status?: number;
  readonly words: (params: ErrorParams) => string | undefined;
};

type Told = { readonly code: string; readonly params: ErrorParams };

export type Said = { readonly message: string; readonly status?: number };

/** The first sentence that fits. */
export const sayAs = (
  sentences: readonly Sentence[],
  { code, params }: Told,
  route: string | undefined,
): Said | undefined => {
  for (const { codes, routes, status, words } of sentences) {
    if (!codes.includes(code)) continue;
    if (routes !== undefined && (route === undefined || !routes.includes(route))) continue;
    const message = words(params);
    if (message !== undefined) return { message, ...(status === undefined ? {} : { status }) };
  }
  return undefined;
};

/** What the client called it. */
export const refIn = (params: ErrorParams): string => String(params['ref'] ?? params['id'] ?? '');
