import type { Wording } from './wording.ts';

/** Today's words of Docker for what can be wrong with networks (docker-routes.md R57-R62). */
export const NETWORK_WORDING: Readonly<Record<string, Wording>> = {
  'network.not-found': ({ params: { ref } }) => ({ message: `network ${ref} not found` }),
  'network.ambiguous': ({ params: { ref } }) => ({ message: `network ${ref} is ambiguous` }),
  'network.name-empty': () => ({ message: 'invalid name: name is empty' }),
  'network.predefined': ({ params: { name, action } }) => ({
    message:
      action === 'removed'
        ? `${name} is a pre-defined network and cannot be removed`
        : `operation is not permitted on predefined ${name} network`,
  }),
};
