import { EngineError } from '#domain/error/engine-error.ts';

/** `forbidden` `network.predefined` {name, action}: what nobody may do to a network that is always there. */
export const predefined = (name: string, action: 'created' | 'removed'): EngineError =>
  new EngineError(
    'forbidden',
    'network.predefined',
    `network ${name} is predefined: it cannot be ${action}`,
    {
      params: { name, action },
    },
  );

/** `unsupported` `network.user-defined`: there are the predefined networks only. */
export const notYet = (what: string): EngineError =>
  new EngineError(
    'unsupported',
    'network.user-defined',
    `${what} is not supported yet: it comes with networks`,
  );
