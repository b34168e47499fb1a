/** Files the daemon keeps for a container on the host: hosts, resolv.conf, hostname, and bind sources. */
export interface ContainerFiles {
  /** Writes (same inode if it exists: it may be bind-mounted) and returns absolute paths. */
  write(
    containerId: string,
    files: Partial<Record<'hosts' | 'resolvConf' | 'hostname', string>>,
  ): Promise<Readonly<Record<'hosts' | 'resolvConf' | 'hostname', string>>>;
  paths(containerId: string): Readonly<Record<'hosts' | 'resolvConf' | 'hostname', string>>;
  /** Reads a host file (the host's own /etc/hosts for host networking). */
  readHost(path: string): Promise<string>;
  /** Kind of a bind source on the host; undefined when missing. */
  hostKind(path: string): Promise<'file' | 'directory' | 'other' | undefined>;
  makeHostDirectory(path: string): Promise<void>;
  /** Device numbers of a host node or, for a directory, of all nodes below it. */
  devices(path: string): Promise<readonly HostDevice[]>;
  remove(containerId: string): Promise<void>;
}

export type HostDevice = {
  readonly path: string;
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};
