import { EngineError } from '#domain/error/engine-error.ts';
import type { RuntimeSeccomp } from '#formats/oci-runtime/spec.ts';
import { parseExactJson } from '#lib/exact-json.ts';

export type SecurityOptions = {
  readonly noNewPrivileges: boolean;
  /** undefined = the default profile. */
  readonly seccomp: 'unconfined' | RuntimeSeccomp | undefined;
  readonly apparmor: string;
};

/**
 * `HostConfig.SecurityOpt`: `key=value`, or `key:value` in old clients.
 * Throws `invalid` `security-opt.invalid` {option}.
 */
export const parseSecurityOptions = (options: readonly string[]): SecurityOptions => {
  let parsed: SecurityOptions = { noNewPrivileges: false, seccomp: undefined, apparmor: '' };
  for (const option of options) parsed = { ...parsed, ...parseOption(option) };
  return parsed;
};

const parseOption = (option: string): Partial<SecurityOptions> => {
  const [key, value] = splitOption(option);
  switch (key) {
    case 'no-new-privileges': {
      return { noNewPrivileges: value === '' || value === 'true' };
    }
    case 'seccomp': {
      return { seccomp: parseProfile(value, option) };
    }
    case 'apparmor': {
      return { apparmor: value };
    }
    case 'label':
    case 'systempaths':
    case 'writable-cgroups': {
      return {};
    }
    default: {
      throw refused(option);
    }
  }
};

const splitOption = (option: string): [string, string] => {
  const match = /^([a-z-]+)(?:[=:](.*))?$/s.exec(option);
  return [match?.[1] ?? '', match?.[2] ?? ''];
};

const parseProfile = (value: string, option: string): SecurityOptions['seccomp'] => {
  if (value === 'unconfined') return 'unconfined';
  if (value === '' || value === 'builtin') return undefined;
  return readProfile(value, option);
};

type DockerProfile = Omit<RuntimeSeccomp, 'syscalls'> & {
  readonly archMap?: readonly {
    readonly architecture: string;
    readonly subArchitectures?: readonly string[] | null;
  }[];
  readonly syscalls?: readonly (Partial<NonNullable<RuntimeSeccomp['syscalls']>[number]> & {
    readonly name?: string;
    readonly action: string;
  })[];
};

/** Docker's profile files carry more than the runtime's form: architectures by map, single names. */
const readProfile = (text: string, option: string): RuntimeSeccomp => {
  const profile = parseJson(text, option);
  const architectures = profile.archMap?.flatMap((entry) => [
    entry.architecture,
    ...(entry.subArchitectures ?? []),
  ]);
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: profile.architectures ?? architectures ?? [],
    syscalls: (profile.syscalls ?? []).map(({ name, names, action, errnoRet, args }) => ({
      names: names ?? (name === undefined ? [] : [name]),
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args === undefined || args === null ? {} : { args }),
    })),
  };
};

const parseJson = (text: string, option: string): DockerProfile => {
  try {
    const profile = parseExactJson(text);
    if (isProfile(profile)) return profile;
  } catch (error) {
    throw refused(option, error);
  }
  throw refused(option);
};

const isProfile = (value: unknown): value is DockerProfile =>
  typeof value === 'object' &&
  value !== null &&
  'defaultAction' in value &&
  typeof value.defaultAction === 'string';

const refused = (option: string, cause?: unknown): EngineError =>
  new EngineError('invalid', 'security-opt.invalid', `invalid --security-opt: ${JSON.stringify(option)}`, {
    params: { option },
    cause,
  });
