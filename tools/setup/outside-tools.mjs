// Programs of others that tests talk to, taken out of their Debian packages into .cache/tools.
// They are not installed: docker.io and docker-registry would bring services, and displace a Docker that is here already.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `suites` are tried in order; none means the machine's own sources.
 * @typedef {{ name: string, package: string, file: string, suites?: string[] }} OutsideTool
 */

/** @type {OutsideTool[]} */
export const OUTSIDE_TOOLS = [
  { name: 'docker-20', package: 'docker.io', file: 'usr/bin/docker', suites: ['bookworm'] },
  { name: 'docker-28', package: 'docker-cli', file: 'usr/bin/docker', suites: ['forky', 'sid'] },
  { name: 'docker-registry', package: 'docker-registry', file: 'usr/bin/docker-registry' },
];

/** @param {string} folder */
export function findMissingTools(folder) {
  return OUTSIDE_TOOLS.filter(({ name }) => !existsSync(join(folder, name)));
}

/**
 * Tests that need a tool which cannot be had say so themselves, so this reports instead of failing.
 * @param {string} folder
 * @param {OutsideTool[]} tools
 */
export function fetchTools(folder, tools) {
  mkdirSync(folder, { recursive: true });
  for (const tool of tools) {
    const problems = fetchFromFirstSuite(folder, tool);
    if (problems.length > 0) console.error(`setup: no ${tool.name}: ${problems.join('; ')}`);
  }
}

/**
 * @param {string} folder
 * @param {OutsideTool} tool
 */
function fetchFromFirstSuite(folder, tool) {
  const problems = [];
  for (const suite of tool.suites ?? [undefined]) {
    const scratch = mkdtempSync(join(tmpdir(), 'gantry-tool-'));
    try {
      fetchTool(folder, tool, suite, scratch);
      return [];
    } catch (error) {
      problems.push(`${suite ?? 'own sources'}: ${explain(error)}`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return problems;
}

/** apt's own last complaint, if it made one. @param {unknown} error */
function explain(error) {
  const output = /** @type {{ stderr?: Buffer }} */ (error).stderr?.toString() ?? '';
  const complaints = output.split('\n').filter((line) => /^[EW]: /.test(line));
  return complaints.at(-1) ?? String(error).split('\n')[0] ?? '';
}

/**
 * @param {string} folder
 * @param {OutsideTool} tool
 * @param {string | undefined} suite
 * @param {string} scratch
 */
function fetchTool(folder, tool, suite, scratch) {
  const options = suite ? sideSources(suite, scratch) : [];
  execFileSync('apt-get', [...options, '-qq', 'download', tool.package], { cwd: scratch, stdio: 'pipe' });
  const archive = readdirSync(scratch).find((name) => name.endsWith('.deb'));
  if (!archive) throw new Error('nothing was downloaded');
  execFileSync('dpkg-deb', ['-x', join(scratch, archive), join(scratch, 'out')], { stdio: 'pipe' });
  const target = join(folder, tool.name);
  copyFileSync(join(scratch, 'out', tool.file), `${target}.part`);
  chmodSync(`${target}.part`, 0o755);
  renameSync(`${target}.part`, target);
}

/**
 * Reads another Debian suite with lists and cache of its own, so that the machine's apt never learns of it.
 * @param {string} suite
 * @param {string} scratch
 */
function sideSources(suite, scratch) {
  for (const folder of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(scratch, folder), { recursive: true });
  }
  const sources = join(scratch, 'sources.list');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(sources, `deb [signed-by=${keys}] ${findMirror()} ${suite} main\n`);
  const options = Object.entries({
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(scratch, 'lists'),
    'Dir::Cache': join(scratch, 'cache'),
    'Acquire::Languages': 'none',
    // Mirrors that are frozen at a date lag behind; signatures are checked all the same.
    'Acquire::Check-Valid-Until': 'false',
    'APT::Sandbox::User': 'root',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  execFileSync('apt-get', [...options, '-qq', 'update'], { stdio: 'pipe' });
  return options;
}

/** The mirror this machine uses already. */
export function findMirror() {
  const text = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)'], { encoding: 'utf8' });
  return text.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? 'http://deb.debian.org/debian';
}
