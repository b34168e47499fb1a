import { EngineError } from '#domain/error/engine-error.ts';

/** `invalid`, code `dockerfile.<what>`. */
export const dockerfileError = (
  what: string,
  sentence: string,
  params: Readonly<Record<string, string>> = {},
): EngineError => new EngineError('invalid', `dockerfile.${what}`, sentence, { params });
