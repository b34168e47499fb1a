import type { Change } from '#api/dialect/change.ts';
import { defaulted } from '#api/dialect/change.ts';
import { CreateImageQuery } from '#api/docker/schema/image-query.ts';

const registryInFront = defaulted({
  id: 'image-create-registry-in-front',
  in: '1.4',
  on: CreateImageQuery,
  why: 'the host of a registry came beside the name',
  source: 'docker-routes.md R32',
  up: ({ registry, ...query }) => {
    const host = (registry ?? '').replace(/^https?:\/\//, '').replace(/\/.*$/, '');
    const image = query.fromImage ?? '';
    return host === '' || image === '' ? query : { ...query, fromImage: `${host}/${image}` };
  },
  examples: [
    {
      older: { changes: [], fromImage: 'a', registry: 'http://host:5000/v1/' },
      newer: { changes: [], fromImage: 'host:5000/a' },
    },
    { older: { changes: [], fromImage: 'a' }, newer: { changes: [], fromImage: 'a' } },
  ],
});

const storedLoginForPulls = defaulted({
  id: 'image-create-uses-the-stored-login',
  in: '1.2',
  on: CreateImageQuery,
  why: 'clients sent no credentials: the daemon kept their login',
  source: 'API 1.2 changelog; docker-routes.md 3.9',
  up: (query) => ({ ...query, usesStoredLogin: true }),
  examples: [{ older: { changes: [] }, newer: { changes: [], usesStoredLogin: true } }],
});

export const IMAGE_CREATE_CHANGES: readonly Change[] = [registryInFront, storedLoginForPulls];
