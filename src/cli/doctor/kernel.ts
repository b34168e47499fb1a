import { bad, type Finding, good } from './finding.ts';
import type { Probe } from './probe.ts';

interface Feature {
  readonly what: string;
  /** Tries the feature out in namespaces of its own, so that nothing stays. */
  readonly trial: readonly string[];
  /** Module to load where it is not built in. */
  readonly module: string;
}

const OVERLAY_TRIAL =
  'mount -t tmpfs gantry-doctor /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m && ' +
  'mount -t overlay gantry-doctor -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/m';

const NAT_TRIAL =
  'nft "add table inet d; add chain inet d c { type nat hook prerouting priority -100; }; ' +
  'add map inet d m { type inet_service : ipv4_addr . inet_service; }"';

const FEATURES: readonly Feature[] = [
  { what: 'overlay mounts', trial: ['--mount', 'sh', '-c', OVERLAY_TRIAL], module: 'overlay' },
  { what: 'bridges', trial: ['--net', 'ip', 'link', 'add', 'd0', 'type', 'bridge'], module: 'bridge' },
  {
    what: 'veth pairs',
    trial: ['--net', 'ip', 'link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1'],
    module: 'veth',
  },
  { what: 'nf_tables with nat', trial: ['--net', 'sh', '-c', NAT_TRIAL], module: 'nf_tables' },
  {
    what: 'namespaces',
    trial: ['--mount', '--net', '--ipc', '--uts', '--pid', '--fork', 'true'],
    module: '',
  },
];

export async function examineKernel(probe: Probe): Promise<Finding[]> {
  return Promise.all([
    ...FEATURES.map((feature) => tryOut(probe, feature)),
    examineSeccomp(probe),
    examineCgroups(probe),
  ]);
}

async function tryOut(probe: Probe, { what, trial, module }: Feature): Promise<Finding> {
  if (!probe.isRoot) return bad(what, 'not looked at: only root can try it', 'run this check as root');
  const answer = await probe.run('unshare', trial);
  if (answer.outcome === 'done') return good(what, 'works');
  if (answer.outcome === 'missing')
    return bad(what, 'not looked at: no unshare', 'apt-get install util-linux');
  const reason = answer.output.split('\n')[0] ?? '';
  if (/not found/.test(reason))
    return bad(what, `not looked at: ${reason}`, 'install the tools named here first');
  const fix = module === '' ? 'a kernel with namespaces' : `modprobe ${module}, or a kernel that has it`;
  return bad(what, `does not work: ${reason}`, fix);
}

async function examineSeccomp(probe: Probe): Promise<Finding> {
  const actions = await probe.read('/proc/sys/kernel/seccomp/actions_avail');
  return actions === undefined
    ? bad(
        'seccomp filters',
        'not in this kernel',
        'a kernel with CONFIG_SECCOMP_FILTER, or --security-opt seccomp=unconfined',
      )
    : good('seccomp filters', 'in this kernel');
}

/** What limits, pause and stats are made of; the rest is good to have. */
const NEEDED = ['cpu', 'memory', 'pids'];

async function examineCgroups(probe: Probe): Promise<Finding> {
  const what = 'cgroup controllers';
  const mounts = (await probe.read('/proc/self/mounts')) ?? '';
  const old = findControllers(mounts);
  const unified = await probe.read('/sys/fs/cgroup/cgroup.controllers');
  const present = unified === undefined ? old : unified.trim().split(/\s+/);
  const version = unified === undefined ? 'version 1' : 'version 2';
  if (present.length === 0)
    return bad(what, 'no cgroup hierarchy is mounted', 'mount -t cgroup2 none /sys/fs/cgroup');
  const missing = NEEDED.filter((name) => !present.includes(name));
  const found = `${version}: ${present.toSorted().join(' ')}`;
  if (missing.length === 0) return good(what, found);
  const fix = `boot with cgroup_enable=${missing.join(',')}, or let the parent group hand down: ${missing.join(' ')}`;
  return bad(what, `${found}; missing ${missing.join(' ')}`, fix);
}

/** The options of a version 1 hierarchy name its controllers. */
function findControllers(mounts: string): string[] {
  const known = [
    'blkio',
    'cpu',
    'cpuacct',
    'cpuset',
    'devices',
    'freezer',
    'hugetlb',
    'memory',
    'net_cls',
    'pids',
  ];
  const hierarchies = mounts.split('\n').filter((line) => line.split(' ')[2] === 'cgroup');
  const words = hierarchies.flatMap((line) => (line.split(' ')[3] ?? '').split(','));
  return known.filter((name) => words.includes(name));
}
