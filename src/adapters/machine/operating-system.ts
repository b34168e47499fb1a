import { readFileSync } from 'node:fs';

export type OperatingSystem = { readonly name: string; readonly version: string };

/** Reads os-release(5). */
export const parseOsRelease = (text: string): OperatingSystem => {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2]));
  }
  return {
    name: values.get('PRETTY_NAME') ?? values.get('NAME') ?? 'Linux',
    version: values.get('VERSION_ID') ?? '',
  };
};

const unquote = (text: string): string => {
  const quoted = /^(["'])(.*)\1$/.exec(text)?.[2];
  return quoted === undefined ? text : quoted.replaceAll(/\\(["'$`\\])/g, '$1');
};

export const readOperatingSystem = (): OperatingSystem => {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return parseOsRelease(readFileSync(path, 'utf8'));
    } catch {
      // os-release(5) names both places; either may be missing.
    }
  }
  return parseOsRelease('');
};

/** Names of the hardware as images use them, by the kernel's own name. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i686: '386',
  i386: '386',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
  loongarch64: 'loong64',
};

export const toArchitecture = (machine: string): string => architectures[machine] ?? machine;
