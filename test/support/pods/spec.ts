import type { PodContainerSpec, PodSpec } from '#domain/pod/spec.ts';

/** A container of busybox. */
export const container = (change: Partial<PodContainerSpec> = {}): PodContainerSpec => ({
  name: '',
  image: 'busybox',
  command: ['sleep', '1000'],
  entrypoint: null,
  workingDir: '',
  env: [],
  user: '',
  additionalGroups: [],
  tty: false,
  openStdin: true,
  stdinOnce: true,
  restartPolicy: { name: 'no', maximumRetryCount: 0 },
  volumes: [],
  files: [],
  labels: {},
  ulimits: [],
  readOnlyRoot: false,
  ...change,
});

export const shell = (script: string, change: Partial<PodContainerSpec> = {}): PodContainerSpec =>
  container({ command: ['sh', '-c', script], ...change });

export const pod = (change: Partial<PodSpec> = {}): PodSpec => ({
  id: '',
  name: '',
  hostname: '',
  labels: {},
  isolation: '',
  resources: { cpus: 0, memoryBytes: 0 },
  dns: { servers: [], options: [], search: [] },
  interfaces: [],
  portMappings: [],
  whiteLists: { internal: [], external: [] },
  services: [],
  volumes: [],
  files: [],
  containers: [container()],
  log: { type: '', config: {} },
  sysctls: {},
  sharesProcesses: false,
  whenAllEnded: 'keep',
  ...change,
});
