import type { HostConfig } from './config.ts';

const MASKED_PATHS: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** Paths that a container may not see: what was asked for, or the defaults; null for a privileged one. */
export const maskedPathsOf = ({ maskedPaths, privileged }: HostConfig): readonly string[] | null =>
  maskedPaths ?? (privileged ? null : MASKED_PATHS);

/** Paths that a container may not write to, likewise. */
export const readonlyPathsOf = ({ readonlyPaths, privileged }: HostConfig): readonly string[] | null =>
  readonlyPaths ?? (privileged ? null : READONLY_PATHS);
