import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname, machine, release, totalmem } from 'node:os';
import type { Machine, MachineFacts } from '#engine/ports/machine.ts';
import { parseCapabilities } from './capabilities.ts';
import { readCgroupFacts } from './control-groups.ts';
import { readOperatingSystem, toArchitecture } from './operating-system.ts';

/** Init programs that pass signals on and reap, in order of preference; static ones first. */
const initPaths = [
  '/usr/libexec/docker/docker-init',
  '/usr/bin/docker-init',
  '/usr/bin/tini-static',
  '/usr/bin/catatonit',
  '/usr/libexec/podman/catatonit',
  '/usr/libexec/catatonit/catatonit',
  '/usr/bin/dumb-init',
];

/** Reads the facts once. Throws where /proc is not what Linux has. */
export const createMachine = (): Machine => {
  const facts = readFacts();
  return { facts, usage: () => ({ fileDescriptors: readdirSync('/proc/self/fd').length }) };
};

const readFacts = (): MachineFacts => {
  const system = readOperatingSystem();
  const status = readFileSync('/proc/self/status', 'utf8');
  const initPath = initPaths.find(isExecutable);
  return {
    hostname: hostname(),
    kernelVersion: release(),
    operatingSystem: system.name,
    osVersion: system.version,
    machine: machine(),
    architecture: toArchitecture(machine()),
    cpus: availableParallelism(),
    ...readMemoryNodes(),
    memoryBytes: totalmem(),
    cgroup: readCgroupFacts(),
    capabilities: parseCapabilities(status),
    // The line is there only with CONFIG_SECCOMP.
    seccomp: /^Seccomp:/m.test(status) && existsSync('/proc/sys/kernel/seccomp'),
    apparmor: isYes('/sys/module/apparmor/parameters/enabled'),
    // Set by us with the first bridge, and by others at any time.
    get ipForward() {
      return isYes('/proc/sys/net/ipv4/ip_forward');
    },
    ...(initPath === undefined ? {} : { initPath }),
  };
};

/** `0` or `0-1`. */
const readMemoryNodes = (): Pick<MachineFacts, 'memoryNodes'> => {
  try {
    const last = /(\d+)\s*$/u.exec(readFileSync('/sys/devices/system/node/has_memory', 'utf8'))?.[1];
    return last === undefined ? {} : { memoryNodes: Number(last) + 1 };
  } catch {
    // A kernel without NUMA.
    return {};
  }
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not installed.
    return false;
  }
};

const isYes = (path: string): boolean => {
  try {
    return /^[Y1]/.test(readFileSync(path, 'utf8'));
  } catch {
    // Not built into this kernel.
    return false;
  }
};
