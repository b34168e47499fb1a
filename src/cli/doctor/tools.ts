import { bad, type Finding, good } from './finding.ts';
import type { Probe } from './probe.ts';

interface Tool {
  readonly program: string;
  readonly versionArgs: readonly string[];
  /** The Debian package that brings it. */
  readonly package: string;
  /** What does not work without it. */
  readonly use: string;
  readonly atLeast: string;
  readonly optional?: true;
}

const TOOLS: readonly Tool[] = [
  { program: 'crun', versionArgs: ['--version'], package: 'crun', use: 'containers', atLeast: '1.8' },
  { program: 'conmon', versionArgs: ['--version'], package: 'conmon', use: 'containers', atLeast: '2.1' },
  {
    program: 'tini-static',
    versionArgs: ['--version'],
    package: 'tini',
    use: 'containers with --init',
    atLeast: '0.18',
  },
  { program: 'nft', versionArgs: ['--version'], package: 'nftables', use: 'published ports', atLeast: '1.0' },
  {
    program: 'ip',
    versionArgs: ['-Version'],
    package: 'iproute2',
    use: 'this check and the leak check',
    atLeast: '5',
  },
  { program: 'xz', versionArgs: ['--version'], package: 'xz-utils', use: '.tar.xz images', atLeast: '5' },
  { program: 'bzip2', versionArgs: ['--help'], package: 'bzip2', use: '.tar.bz2 images', atLeast: '1' },
  {
    program: 'runc',
    versionArgs: ['--version'],
    package: 'runc',
    use: 'the second runtime',
    atLeast: '1.1',
    optional: true,
  },
];

export async function examineTools(probe: Probe): Promise<Finding[]> {
  return Promise.all(TOOLS.map((tool) => examineTool(probe, tool)));
}

async function examineTool(probe: Probe, tool: Tool): Promise<Finding> {
  const answer = await probe.run(tool.program, tool.versionArgs);
  const fix = `apt-get install ${tool.package}`;
  if (answer.outcome === 'missing') {
    return tool.optional
      ? good(tool.program, 'not installed (optional)')
      : bad(tool.program, `not installed: needed for ${tool.use}`, fix);
  }
  const version = findVersion(answer.output);
  if (version === undefined)
    return bad(tool.program, `does not tell its version: ${firstLine(answer.output)}`, fix);
  if (isOlder(version, tool.atLeast)) return bad(tool.program, `${version}, needs ${tool.atLeast}`, fix);
  return good(tool.program, version);
}

/** iproute2 writes `iproute2-6.1.0`, nft `v1.0.6`, xz `(XZ Utils) 5.4.1`, bzip2 `Version 1.0.8`. */
export function findVersion(text: string): string | undefined {
  return /(?<![\d.])\d+\.\d+(?:\.\d+)*/.exec(text)?.[0];
}

/** Number by number, as far as `limit` goes. */
export function isOlder(version: string, limit: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of limit.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
