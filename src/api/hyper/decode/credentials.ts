import type { Static } from 'typebox';
import type { Credentials } from '#domain/registry/credentials.ts';
import type { AuthConfig } from '#api/hyper/schema/system.ts';

/** Wire names to ours; `auth` is base64 of `user:password` and fills what is missing (hyperd-api 3.6). */
export const decodeCredentials = (body: Static<typeof AuthConfig>): Credentials => {
  const [user = '', ...password] = decodeBase64(body.auth ?? '').split(':');
  return {
    username: body.username || user,
    password: body.password || password.join(':'),
    email: body.email ?? '',
    serverAddress: body.serveraddress ?? '',
    identityToken: '',
    registryToken: body.registrytoken ?? '',
  };
};

/** `X-Registry-Auth`: what cannot be read is nobody; so are credentials without a word in them. */
export const decodeAuthHeader = (header: string | undefined): Credentials | undefined => {
  try {
    const body: unknown = JSON.parse(decodeBase64(header ?? ''));
    if (typeof body !== 'object' || body === null) return undefined;
    const members = Object.entries(body).filter(([, value]) => typeof value === 'string' && value !== '');
    if (members.length === 0) return undefined;
    return decodeCredentials(Object.fromEntries(members.map(([name, value]) => [name.toLowerCase(), value])));
  } catch {
    return undefined;
  }
};

/** Either alphabet, with or without padding. */
const decodeBase64 = (text: string): string => Buffer.from(text, 'base64').toString();
