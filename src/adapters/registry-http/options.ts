export type RegistryOptions = {
  /** `host[:port]` exactly as in references, or CIDR. 127.0.0.0/8 and ::1 are always insecure. */
  readonly insecureRegistries: readonly string[];
  /** Base URLs asked before Docker's own registry. */
  readonly mirrors: readonly string[];
  readonly userAgent: string;
  /** Folder with `<host[:port]>/*.crt` (authorities) and `*.cert` + `*.key`. Default `/etc/docker/certs.d`. */
  readonly certificatesFolder?: string;
  /** First pause between tries; doubles each time. Default 250. */
  readonly retryDelayMs?: number;
};
