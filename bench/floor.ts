import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CpuAccount } from './cpu-account.ts';

/** Bare `crun run` of the same program on the same root: no daemon, no network, no layers, no log. */
export type Floor = {
  readonly cpu: CpuAccount;
  /** One whole life of `true`. */
  readonly run: () => Promise<void>;
  /** One `crun exec` of `true` in a container that stays. */
  readonly exec: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Spec = { process: { terminal: boolean; args: string[] }; root: { path: string } };

/** undefined where there is no crun. */
export const startFloor = async (folder: string, image: string): Promise<Floor | undefined> => {
  if (!existsSync('/usr/bin/crun')) return undefined;
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  unpack(image, root);
  const state = join(folder, 'state');
  const short = makeBundle(folder, root, ['true']);
  const long = makeBundle(folder, root, ['sleep', '100000']);
  const cpu = new CpuAccount([`bench-crun-${process.pid}`]);
  // One shell for all runs. crun refuses hybrid control groups unless it cannot see the mount of version 2.
  const script = `
    if grep -q ' cgroup rw' /proc/mounts; then umount -l $(findmnt -rn -o TARGET -t cgroup2); fi
    while read -r words; do eval "$words" </dev/null >/dev/null 2>&1; echo $?; done`;
  const shell = spawn('unshare', ['-m', 'sh', '-c', `echo $$ > ${cpu.door}; ${script}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const command = async (words: string): Promise<void> => {
    shell.stdin.write(`crun --root ${state} ${words}\n`);
    const { value } = (await answers.next()) as { value?: string };
    if (value !== '0') throw new Error(`crun ${words} ended with ${value}`);
  };
  const host = `bench-floor-${process.pid}`;
  await command(`run -d --bundle ${long} ${host}`);
  let count = 0;
  return {
    cpu,
    run: async () => command(`run --bundle ${short} ${host}-${(count += 1)}`),
    exec: async () => command(`exec ${host} true`),
    close: async () => {
      await command(`delete -f ${host}`);
      const gone = once(shell, 'exit');
      shell.stdin.end();
      await gone;
      cpu.close();
    },
  };
};

const makeBundle = (folder: string, root: string, args: string[]): string => {
  const bundle = join(folder, args[0] ?? '');
  mkdirSync(bundle);
  execFileSync('crun', ['spec'], { cwd: bundle });
  const file = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8')) as Spec;
  spec.process = { ...spec.process, terminal: false, args };
  spec.root.path = root;
  writeFileSync(file, JSON.stringify(spec));
  return bundle;
};

/** The one layer of the archive that `npm run images` makes. */
const unpack = (image: string, root: string): void => {
  const [manifest] = JSON.parse(
    execFileSync('tar', ['xOf', image, 'manifest.json'], { encoding: 'utf8' }),
  ) as [{ Layers: string[] }];
  for (const layer of manifest.Layers) {
    const tar = execFileSync('tar', ['xOf', image, layer], { maxBuffer: 64 * 1024 * 1024 });
    execFileSync('tar', ['x', '-C', root], { input: tar });
  }
};
