import { Command } from 'commander';
import { addPod } from './pod-program.ts';
import type { RunOptions } from './commands/create-body.ts';
import type { PsRequest } from './commands/ps.ts';
import type { LogsRequest } from './commands/logs.ts';
import type { ExecRequest } from './commands/exec.ts';
import type { StopRequest } from './commands/stop.ts';
import type { RmRequest } from './commands/rm.ts';
import type { ImagesRequest } from './commands/images.ts';
import type { PullRequest } from './commands/pull.ts';
import type { LoadRequest } from './commands/load.ts';
import type { InfoRequest } from './commands/info.ts';

/** All commands with their flags; the code behind each is loaded when it is called. */
export const buildProgram = (): Command => {
  const program = new Command('gantry')
    .description('containers and pods for every Docker client')
    .option(
      '-H, --host <url>',
      'daemon to talk to (default: GANTRY_HOST, DOCKER_HOST, else the usual sockets)',
    )
    .enablePositionalOptions()
    .exitOverride();
  program.command('daemon').description('run the daemon; gantry daemon --help shows its flags');
  addRun(program);
  addContainerCommands(program);
  addImageCommands(program);
  addPod(program);
  addSystemCommands(program);
  return program;
};

const collect = (value: string, list: string[]): string[] => [...list, value];

const addRun = (program: Command): void => {
  program
    .command('run <image> [command...]')
    .description('run a command in a new container')
    .passThroughOptions()
    .option('-d, --detach', 'leave it running and print its id')
    .option('-i, --interactive', 'keep its input open')
    .option('-t, --tty', 'give it a terminal')
    .option('--rm', 'remove it when it has ended')
    .option('--name <name>', 'its name')
    .option('-e, --env <key=value>', 'environment', collect, [])
    .option('-v, --volume <spec>', 'bind mount source:target[:ro]', collect, [])
    .option('-p, --publish <spec>', 'publish [ip:]host:container[/proto]', collect, [])
    .option('-l, --label <key=value>', 'label', collect, [])
    .option('-u, --user <user>', 'user[:group]')
    .option('-w, --workdir <dir>', 'working directory')
    .option('-h, --hostname <name>', 'host name')
    .option('--entrypoint <command>', 'instead of the image’s')
    .option('--network <mode>', 'bridge, none, host, container:NAME')
    .option('-m, --memory <size>', 'memory limit, as 64m')
    .option('--cpus <number>', 'CPU limit')
    .option('--pids-limit <number>', 'process limit')
    .option('--restart <policy>', 'no, always, unless-stopped, on-failure[:N]')
    .option('--read-only', 'root file system read-only')
    .option('--privileged', 'all that the daemon itself may do')
    .option('--init', 'an init process as pid 1')
    .action(async (image: string, command: string[], options: RunOptions, self: Command) => {
      const { run } = await import('./commands/run.ts');
      await run({ image, command, options, host: hostOf(self) });
    });
};

const addContainerCommands = (program: Command): void => {
  program
    .command('ps')
    .description('list containers')
    .option('-a, --all', 'also those that do not run')
    .option('-q, --quiet', 'ids only')
    .option('-f, --filter <key=value>', 'only these', collect, [])
    .action(async (options: PsRequest['options'], self: Command) =>
      (await import('./commands/ps.ts')).ps({ options, host: hostOf(self) }),
    );
  program
    .command('logs <container>')
    .description('print what a container has written')
    .option('-f, --follow', 'and what it will write')
    .option('-t, --timestamps', 'with times')
    .option('-n, --tail <lines>', 'the last lines only', 'all')
    .option('--since <time>', 'seconds since the epoch')
    .action(async (container: string, options: LogsRequest['options'], self: Command) =>
      (await import('./commands/logs.ts')).logs({ container, options, host: hostOf(self) }),
    );
  program
    .command('exec <container> <command...>')
    .description('run a command in a running container')
    .passThroughOptions()
    .option('-i, --interactive', 'keep its input open')
    .option('-t, --tty', 'give it a terminal')
    .option('-d, --detach', 'do not wait for it')
    .option('-e, --env <key=value>', 'environment', collect, [])
    .option('-u, --user <user>', 'user[:group]')
    .option('-w, --workdir <dir>', 'working directory')
    .action(async (container: string, command: string[], options: ExecRequest['options'], self: Command) =>
      (await import('./commands/exec.ts')).exec({ container, command, options, host: hostOf(self) }),
    );
  program
    .command('stop <containers...>')
    .description('stop containers')
    .option('-t, --time <seconds>', 'before they are killed')
    .action(async (containers: string[], options: StopRequest['options'], self: Command) =>
      (await import('./commands/stop.ts')).stop({ containers, options, host: hostOf(self) }),
    );
  program
    .command('rm <containers...>')
    .description('remove containers')
    .option('-f, --force', 'kill them first')
    .option('-v, --volumes', 'with their anonymous volumes')
    .action(async (containers: string[], options: RmRequest['options'], self: Command) =>
      (await import('./commands/rm.ts')).rm({ containers, options, host: hostOf(self) }),
    );
};

const addImageCommands = (program: Command): void => {
  program
    .command('images')
    .description('list images')
    .option('-a, --all', 'also intermediate ones')
    .option('-q, --quiet', 'ids only')
    .action(async (options: ImagesRequest['options'], self: Command) =>
      (await import('./commands/images.ts')).images({ options, host: hostOf(self) }),
    );
  program
    .command('pull <image>')
    .description('pull an image from a registry')
    .option('--platform <platform>', 'os/arch[/variant]')
    .option('-q, --quiet', 'print the name only')
    .action(async (image: string, options: PullRequest['options'], self: Command) =>
      (await import('./commands/pull.ts')).pull({ image, options, host: hostOf(self) }),
    );
  program
    .command('load')
    .description('take images from an archive')
    .option('-i, --input <file>', 'read this file instead of the standard input')
    .action(async (options: LoadRequest['options'], self: Command) =>
      (await import('./commands/load.ts')).load({ options, host: hostOf(self) }),
    );
};

const addSystemCommands = (program: Command): void => {
  program
    .command('info')
    .description('what the daemon and its machine are')
    .option('--doctor', 'check whether this machine can run the daemon; needs none')
    .option('--json', 'as JSON')
    .action(async (options: InfoRequest['options'], self: Command) =>
      (await import('./commands/info.ts')).info({ options, host: hostOf(self) }),
    );
  program
    .command('demo')
    .description('a private daemon, an image made from this machine’s busybox, two containers that talk')
    .action(async () => (await import('./commands/demo.ts')).demo());
};

const hostOf = (command: Command): string | undefined => {
  const { host } = command.optsWithGlobals<{ host?: string }>();
  return host;
};
