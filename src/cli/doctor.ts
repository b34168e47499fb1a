import { bad, type Finding, good } from './doctor/finding.ts';
import { examineKernel } from './doctor/kernel.ts';
import { type Probe, probeThisMachine } from './doctor/probe.ts';
import { examineTools, isOlder } from './doctor/tools.ts';

export type { Finding } from './doctor/finding.ts';

const NEEDED_NODE = '24';

/** Looks whether this machine can run the daemon. Changes nothing: trials happen in namespaces that end with them. */
export async function diagnose(probe: Probe = probeThisMachine()): Promise<Finding[]> {
  const [kernel, tools] = await Promise.all([examineKernel(probe), examineTools(probe)]);
  return [examineUser(probe), examineNode(probe), ...kernel, ...tools];
}

function examineUser(probe: Probe): Finding {
  if (probe.isRoot) return good('user', 'root');
  return bad(
    'user',
    'not root: the daemon needs root, clients need the group of its socket',
    'run the daemon with sudo',
  );
}

function examineNode({ nodeVersion }: Probe): Finding {
  if (!isOlder(nodeVersion, NEEDED_NODE)) return good('node', nodeVersion);
  return bad('node', `${nodeVersion}, needs ${NEEDED_NODE}`, 'npm start installs it in a checkout');
}
