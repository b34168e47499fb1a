import { EngineError } from '#domain/error/engine-error.ts';

export type OwnedNamespaces = { readonly network: boolean; readonly ipc: boolean; readonly uts: boolean };

const ipcNames = /^kernel\.(?:shm\w+|msg\w+|sem)$/;
const plainName = /^[\w-]+(?:[./][\w:-]+)*$/;

/**
 * The file below /proc/sys of a kernel setting that belongs to one of the sandbox's own namespaces.
 * Everything else would change the whole machine and is refused (`invalid`, code `sandbox.sysctl` {name}).
 */
export const sysctlPath = (name: string, owned: OwnedNamespaces): string => {
  // sysctl(8): where the first separator is a slash, dots belong to the names (interface `eth0.5`).
  const slashes = /^[^.]*\//.test(name);
  const dotted = slashes ? name.replaceAll('/', '.') : name;
  const allowed =
    plainName.test(name) &&
    ((owned.network && dotted.startsWith('net.')) ||
      (owned.ipc && (ipcNames.test(dotted) || dotted.startsWith('fs.mqueue.'))) ||
      (owned.uts && dotted === 'kernel.domainname'));
  if (!allowed) {
    throw new EngineError('invalid', 'sandbox.sysctl', `sysctl "${name}" is not in a separate namespace`, {
      params: { name },
    });
  }
  return `/proc/sys/${slashes ? name : name.replaceAll('.', '/')}`;
};
