import type { Command } from 'commander';
import type { ExecRequest } from './pod/exec.ts';
import type { LogsRequest } from './pod/logs.ts';
import type { LsRequest } from './pod/ls.ts';
import type { PortRequest } from './pod/port.ts';
import type { RunRequest } from './pod/run.ts';

const FILE = 'a file of hyperd’s (JSON, YAML) or a Kubernetes Pod; - reads the standard input';

const collect = (value: string, list: string[]): string[] => [...list, value];

/** Adds `pod` and its commands; the code behind each is loaded when it is called. */
export const addPod = (program: Command): void => {
  const pod = program
    .command('pod')
    .description('pods: containers that share a sandbox')
    .enablePositionalOptions()
    .option(
      '--hyper-host <url>',
      'the daemon’s address for pods (default: GANTRY_HYPER_HOST, else unix:///var/run/hyper.sock)',
    );
  addMaking(pod);
  addLife(pod);
  addLooking(pod);
};

const addMaking = (pod: Command): void => {
  pod
    .command('create <file>')
    .description(`create a pod of ${FILE}`)
    .action(async (file: string, _options: object, self: Command) =>
      (await import('./pod/create.ts')).create({ file, host: hostOf(self) }),
    );
  pod
    .command('run <file>')
    .description(`create and start a pod of ${FILE}`)
    .option('-a, --attach [container]', 'attach to a container, and end with it')
    .option('--rm', 'attached: remove the pod at the end')
    .action(async (file: string, options: RunRequest['options'], self: Command) =>
      (await import('./pod/run.ts')).run({ file, options, host: hostOf(self) }),
    );
};

const LIFE = [
  ['start', 'start pods'],
  ['stop', 'stop pods'],
  ['rm', 'remove pods, stopping them first'],
] as const;

const addLife = (pod: Command): void => {
  for (const [name, description] of LIFE)
    pod
      .command(`${name} <pods...>`)
      .description(description)
      .action(async (pods: string[], _options: object, self: Command) =>
        (await import('./pod/life.ts'))[name]({ pods, host: hostOf(self) }),
      );
};

const addLooking = (pod: Command): void => {
  pod
    .command('ls')
    .description('list pods')
    .option('-q, --quiet', 'ids only')
    .action(async (options: LsRequest['options'], self: Command) =>
      (await import('./pod/ls.ts')).ls({ options, host: hostOf(self) }),
    );
  pod
    .command('inspect <pods...>')
    .description('all there is to know about pods, as JSON')
    .action(async (pods: string[], _options: object, self: Command) =>
      (await import('./pod/inspect.ts')).inspect({ pods, host: hostOf(self) }),
    );
  pod
    .command('exec <pod> <command...>')
    .description('run a command in a container of a running pod')
    .passThroughOptions()
    .option('-c, --container <name>', 'which, where the pod has several')
    .option('-i, --interactive', 'keep its input open')
    .option('-t, --tty', 'give it a terminal')
    .action(async (name: string, command: string[], options: ExecRequest['options'], self: Command) =>
      (await import('./pod/exec.ts')).exec({ pod: name, command, options, host: hostOf(self) }),
    );
  pod
    .command('logs <pod>')
    .description('print what a container of a pod has written')
    .option('-c, --container <name>', 'which, where the pod has several')
    .option('-f, --follow', 'and what it will write')
    .option('-t, --timestamps', 'with times')
    .option('-n, --tail <lines>', 'the last lines only', 'all')
    .option('--since <time>', 'seconds since the epoch')
    .action(async (name: string, options: LogsRequest['options'], self: Command) =>
      (await import('./pod/logs.ts')).logs({ pod: name, options, host: hostOf(self) }),
    );
  pod
    .command('stats [pods...]')
    .description('what pods use of the machine')
    .action(async (pods: string[], _options: object, self: Command) =>
      (await import('./pod/stats.ts')).stats({ pods, host: hostOf(self) }),
    );
  pod
    .command('port <action> <pod>')
    .description('ls, add or delete port mappings of a pod')
    .option('-p, --publish <spec>', '[tcp:|udp:]host:container, ports or ranges', collect, [])
    .action(async (action: string, name: string, options: PortRequest['options'], self: Command) =>
      (await import('./pod/port.ts')).port({ action, pod: name, options, host: hostOf(self) }),
    );
};

const hostOf = (command: Command): string | undefined => {
  const { hyperHost } = command.optsWithGlobals<{ hyperHost?: string }>();
  return hyperHost;
};
