import { EngineError } from '#domain/error/engine-error.ts';

/** What an image runs on. `variant` is '' when it does not matter. */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
};

const OS_ALIASES: Readonly<Record<string, string>> = { macos: 'darwin' };

const ARCHITECTURE_ALIASES: Readonly<Record<string, readonly [string, string?]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  i386: ['386'],
  i486: ['386'],
  i586: ['386'],
  i686: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  armv7l: ['arm', 'v7'],
  armv6l: ['arm', 'v6'],
};

/** What a machine without a stated variant can run, best first. */
const DEFAULT_VARIANTS: Readonly<Record<string, readonly string[]>> = {
  amd64: ['', 'v1'],
  arm64: ['', 'v8'],
  arm: ['v7', 'v6', 'v5', ''],
};

const OPERATING_SYSTEMS: ReadonlySet<string> = new Set([
  'linux',
  'windows',
  'darwin',
  'freebsd',
  'netbsd',
  'openbsd',
  'solaris',
  'android',
]);

/** One word alone must be known: nothing else says what it is. */
const ARCHITECTURES: ReadonlySet<string> = new Set(
  '386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm'.split(' '),
);

const COMPONENT = /^[A-Za-z0-9_.-]+$/;

/** `os/arch[/variant]`, `arch` or `os` alone; what is missing comes from `machine`. */
export const parsePlatform = (text: string, machine: Platform): Platform => {
  const parts = text.split('/');
  if (parts.length > 3 || !parts.every((part) => COMPONENT.test(part))) {
    throw new EngineError('invalid', 'platform.invalid', `"${text}": invalid platform`, {
      params: { platform: text },
    });
  }
  const [first = '', second, third = ''] = parts;
  if (second !== undefined) {
    return normalisePlatform({ os: first, architecture: second, variant: third });
  }
  if (OPERATING_SYSTEMS.has(first.toLowerCase())) return normalisePlatform({ ...machine, os: first });
  const alone = normalisePlatform({ os: machine.os, architecture: first, variant: '' });
  if (ARCHITECTURES.has(alone.architecture)) return alone;
  throw new EngineError(
    'invalid',
    'platform.unknown',
    `"${text}": unknown operating system or architecture`,
    {
      params: { platform: text },
    },
  );
};

/** One spelling for each architecture: `x86_64` becomes `amd64`, `aarch64/v8` becomes `arm64`. */
export const normalisePlatform = (platform: Platform): Platform => {
  const os = platform.os.toLowerCase();
  const spelt = platform.architecture.toLowerCase();
  const [architecture, implied] = ARCHITECTURE_ALIASES[spelt] ?? [spelt];
  return {
    os: OS_ALIASES[os] ?? os,
    architecture,
    variant: usualVariant(architecture, platform.variant.toLowerCase() || (implied ?? '')),
  };
};

const usualVariant = (architecture: string, variant: string): string => {
  if (architecture === 'arm64' && (variant === 'v8' || variant === '8')) return '';
  if (architecture === 'amd64' && variant === 'v1') return '';
  return architecture === 'arm' && /^[5-8]$/.test(variant) ? `v${variant}` : variant;
};

export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, variant].filter((part) => part !== '').join('/');

/** How well an image serves the wanted platform: 0 is best; undefined is not at all. */
export const rankPlatform = (offered: Platform, wanted: Platform): number | undefined => {
  const one = normalisePlatform(offered);
  const two = normalisePlatform(wanted);
  if (one.os !== two.os || one.architecture !== two.architecture) return undefined;
  if (one.variant === two.variant) return 0;
  if (two.variant === '') return rankIn(DEFAULT_VARIANTS[two.architecture] ?? [''], one.variant);
  return two.architecture === 'arm' ? rankOlderArm(one.variant, two.variant) : undefined;
};

export const matchesPlatform = (offered: Platform, wanted: Platform): boolean =>
  rankPlatform(offered, wanted) !== undefined;

/** The candidate that serves best; the first of equals. */
export const choosePlatform = <T>(
  candidates: readonly T[],
  platformOf: (candidate: T) => Platform,
  wanted: Platform,
): T | undefined => {
  let best: { candidate: T; rank: number } | undefined;
  for (const candidate of candidates) {
    const rank = rankPlatform(platformOf(candidate), wanted);
    if (rank === undefined || (best !== undefined && best.rank <= rank)) continue;
    best = { candidate, rank };
  }
  return best?.candidate;
};

const rankIn = (order: readonly string[], variant: string): number | undefined => {
  const place = order.indexOf(variant);
  return place < 0 ? undefined : place + 1;
};

/** A v7 machine runs v6 and v5 programs. */
const rankOlderArm = (offered: string, wanted: string): number | undefined => {
  const order = ['v8', 'v7', 'v6', 'v5'];
  const [from, at] = [order.indexOf(wanted), order.indexOf(offered)];
  return from >= 0 && at > from ? at - from : undefined;
};
