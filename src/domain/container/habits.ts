/**
 * What programs inside had come to rely on when the client that made the container was written. Absent members: as
 * today.
 */
export type Habits = {
  /** `resolv.conf` is the host's own text, less what cannot be reached; put together it has its lines in this order. */
  readonly resolver?: 'servers-first' | 'search-first';
  /** The kernel's host name is the whole name, with the domain. */
  readonly wholeHostName?: boolean;
  /** `hosts` begins with the container's own line. */
  readonly ownHostFirst?: boolean;
  /** `hosts` knows a linked container by its alias alone. */
  readonly bareLinks?: boolean;
  /** Containers whose namespaces it enters are looked for at its start alone. */
  readonly lateTargets?: boolean;
  /** So are containers whose volumes it takes. */
  readonly lateVolumes?: boolean;
  /** Less memory than this is refused. */
  readonly leastMemoryBytes?: number;
};

type Named = {
  readonly config: { readonly hostname: string; readonly domainname: string };
  readonly habits?: Habits;
};

/** Host and domain name as the kernel has them. */
export const kernelNames = ({ config, habits }: Named): { hostname: string; domainname: string } => {
  const { hostname, domainname } = config;
  return habits?.wholeHostName === true && domainname !== ''
    ? { hostname: `${hostname}.${domainname}`, domainname: '' }
    : { hostname, domainname };
};
