import { randomBytes } from 'node:crypto';

/** 64 lower-case hex digits whose first twelve are not all decimal (docker-semantics.md 1). */
export const randomId = (): string => {
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (!/^\d{12}/.test(id)) return id;
  }
};
