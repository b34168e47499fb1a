import { readFileSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '#adapters/oci-cli/process/process-identity.ts';

/** Who runs an exec: the runtime's command, or the process itself. */
export type Owner = ProcessIdentity & {
  /** Without streams of ours. */
  readonly isDetached: boolean;
};

export const noteOwner = (path: string, owner: Owner): void =>
  writeFileSync(path, JSON.stringify(owner), { mode: 0o600 });

export const readOwner = (path: string): Owner | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value))
      return undefined;
    const isDetached = 'isDetached' in value && value.isDetached === true;
    return { pid: Number(value.pid), startTime: String(value.startTime), isDetached };
  } catch {
    // Cut short by the death of its writer.
    return undefined;
  }
};
