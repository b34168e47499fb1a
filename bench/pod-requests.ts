import { TestDaemon } from '#test/support/daemon.ts';
import { Api } from './api.ts';
import { median, quantile, show } from './statistics.ts';

/** A pod of five may take this many times as long as one container. */
const TARGET = 3;
const CONTAINERS = 5;
const COMMAND = ['sleep', '600'];

/**
 * Create to all running, as clients see it: a container by the Docker socket, a pod of five by hyperd's, turn by turn.
 * Prints the medians and their ratio.
 */
export const measureRequests = async (runs: number): Promise<void> => {
  await using daemon = await TestDaemon.start();
  const [docker, hyper] = [new Api(daemon.socket), new Api(daemon.hyperSocket)];
  const containers: number[] = [];
  const pods: number[] = [];
  const pod = {
    id: 'timed',
    containers: Array.from({ length: CONTAINERS }, (_, index) => ({
      name: `timed-${index}`,
      image: 'busybox',
      command: COMMAND,
    })),
  };
  for (let run = 0; run < runs; run += 1) {
    containers.push(await timed(async () => runContainer(docker)));
    await docker.bytes('DELETE', '/containers/alone?force=1');
    pods.push(await timed(async () => runPod(hyper, pod)));
    await checkRunning(hyper, pod.id);
    await hyper.bytes('POST', '/pod/kill?podName=timed&signal=9');
    await hyper.bytes('DELETE', '/pod?podId=timed');
  }
  docker.close();
  hyper.close();
  const ratio = median(pods) / median(containers);
  for (const [name, values] of [
    ['container by Docker’s socket', containers],
    [`pod of ${CONTAINERS} by hyperd’s`, pods],
  ] as const)
    console.log(`${name.padEnd(30)} median ${show(median(values))}  p95 ${show(quantile(values, 0.95))}`);
  console.log(`ratio ${show(ratio)} x, ${ratio < TARGET ? 'below' : 'NOT below'} ${TARGET} x`);
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const runContainer = async (api: Api): Promise<void> => {
  await api.json('POST', '/containers/create?name=alone', { Image: 'busybox', Cmd: COMMAND });
  await api.bytes('POST', '/containers/alone/start');
};

const runPod = async (api: Api, pod: { readonly id: string }): Promise<void> => {
  await api.json('POST', '/pod/create', pod);
  await api.json('POST', `/pod/start?podId=${pod.id}`);
};

/** A start is answered when all of them run. */
const checkRunning = async (api: Api, pod: string): Promise<void> => {
  const { cData } = await api.json<{ cData: string[] }>('GET', `/list?item=container&pod=${pod}`);
  const running = cData.filter((line) => line.endsWith(':running')).length;
  if (running !== CONTAINERS) throw new Error(`${running} of ${CONTAINERS} run`);
};
