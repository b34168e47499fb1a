import { EngineError } from '#domain/error/engine-error.ts';

export type ResolvedUser = {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
};

/** The text of the container's own `/etc/passwd` and `/etc/group`; '' when missing. */
export type UserFiles = { readonly passwd: string; readonly group: string };

type PasswdEntry = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
};
type GroupEntry = {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
};

const LARGEST_ID = 2 ** 31 - 1;

/**
 * `name`, `uid`, `name:group`, `uid:gid` looked up in the container's own files
 * (docker-semantics.md 19). Throws `invalid`: `user.unknown` {user} or `group.unknown` {group}.
 */
export const resolveUser = (text: string, groupAdd: readonly string[], files: UserFiles): ResolvedUser => {
  const [userPart, groupPart] = splitOnce(text);
  const users = parsePasswd(files.passwd);
  const groups = parseGroup(files.group);
  const user = findUser(userPart === '' ? '0' : userPart, users, text);
  const gid = groupPart === undefined || groupPart === '' ? user.gid : findGroup(groupPart, groups);
  // A group given by hand replaces the user's own memberships, as in Docker.
  const memberships = groupPart === undefined ? membershipsOf(user.name, groups) : [];
  const added = groupAdd.map((name) => findGroup(name, groups));
  return {
    uid: user.uid,
    gid,
    // Its own group among them: a file that refuses the group refuses this user too (CVE-2022-36109).
    additionalGids: [...new Set([gid, ...memberships, ...added])].toSorted((a, b) => a - b),
    home: user.home,
  };
};

const splitOnce = (text: string): [string, string | undefined] => {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
};

const findUser = (text: string, users: readonly PasswdEntry[], whole: string): PasswdEntry => {
  const byName = users.find(({ name }) => name === text);
  if (byName !== undefined) return byName;
  const uid = parseId(text);
  if (uid === undefined) {
    throw new EngineError(
      'invalid',
      'user.unknown',
      `unable to find user ${text}: no matching entries in passwd file`,
      {
        params: { user: text, given: whole },
      },
    );
  }
  return users.find((entry) => entry.uid === uid) ?? { name: '', uid, gid: 0, home: '/' };
};

const findGroup = (text: string, groups: readonly GroupEntry[]): number => {
  const gid = groups.find(({ name }) => name === text)?.gid ?? parseId(text);
  if (gid !== undefined) return gid;
  throw new EngineError(
    'invalid',
    'group.unknown',
    `unable to find group ${text}: no matching entries in group file`,
    {
      params: { group: text },
    },
  );
};

const membershipsOf = (name: string, groups: readonly GroupEntry[]): readonly number[] =>
  name === '' ? [] : groups.filter(({ members }) => members.includes(name)).map(({ gid }) => gid);

const parseId = (text: string): number | undefined => {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return id <= LARGEST_ID ? id : undefined;
};

const fieldsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));

const parsePasswd = (text: string): PasswdEntry[] =>
  fieldsOf(text).flatMap(([name = '', , uid = '', gid = '', , home = '']) => {
    const [user, group] = [parseId(uid), parseId(gid)];
    return user === undefined || group === undefined
      ? []
      : [{ name, uid: user, gid: group, home: home === '' ? '/' : home }];
  });

const parseGroup = (text: string): GroupEntry[] =>
  fieldsOf(text).flatMap(([name = '', , gid = '', members = '']) => {
    const id = parseId(gid);
    return id === undefined
      ? []
      : [{ name, gid: id, members: members.split(',').filter((member) => member !== '') }];
  });
