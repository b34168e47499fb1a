import type { Static } from 'typebox';
import type { Credentials } from '#domain/registry/credentials.ts';
import type { AuthBody } from '#api/docker/schema/auth.ts';

/** Wire names to ours; `auth` is base64 of `user:password` and fills what is missing. */
export const decodeCredentials = (body: Static<typeof AuthBody>): Credentials => {
  const [user = '', ...password] = decodeBase64(body.auth ?? '').split(':');
  return {
    username: body.username || user,
    password: body.password || password.join(':'),
    email: body.email ?? '',
    serverAddress: body.serveraddress ?? '',
    identityToken: body.identitytoken ?? '',
    registryToken: body.registrytoken ?? '',
  };
};

/**
 * `X-Registry-Auth`: base64 in either alphabet, with or without padding, of the same object. What cannot be
 * read counts as nothing sent (docker-routes.md 3.9).
 */
export const decodeAuthHeader = (header: string | undefined): Credentials | undefined => {
  if (header === undefined || header === '') return undefined;
  try {
    const body: unknown = JSON.parse(decodeBase64(header));
    return typeof body === 'object' && body !== null ? decodeCredentials(textMembers(body)) : undefined;
  } catch {
    return undefined;
  }
};

const textMembers = (body: object): Static<typeof AuthBody> =>
  Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => typeof value === 'string' && value !== '')
      .map(([name, value]) => [name.toLowerCase(), value]),
  );

const decodeBase64 = (text: string): string => {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(standard), (letter) => letter.charCodeAt(0)));
  } catch {
    return '';
  }
};
