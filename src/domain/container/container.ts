import type { ContainerId, ImageId, PodId, SandboxId } from '#domain/value/flavor.ts';
import type { Habits } from './habits.ts';
import type { ContainerLink } from './links.ts';
import type { Instant } from '#domain/value/instant.ts';
import type {
  ContainerConfig,
  ContainerState,
  Endpoint,
  HostConfig,
  MountPoint,
  PublishedPort,
} from './config.ts';
import type { Wish } from './life/wish.ts';

/** The record of one container: everything that must outlive the daemon. */
export type Container = {
  readonly id: ContainerId;
  /** Without the leading slash. */
  readonly name: string;
  readonly createdAt: Instant;
  /** '' for a container without an image. */
  readonly imageId: ImageId;
  readonly platform: string;
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  /** Executable and arguments after the merge of entrypoint and command. */
  readonly path: string;
  readonly args: readonly string[];
  readonly state: ContainerState;
  /** Own id, the target's with `container:` network mode, or the pod's. */
  readonly sandboxId: SandboxId;
  /** Absent for a container on its own. */
  readonly podId?: PodId;
  /** By network name; the entry stays, with empty addresses, while stopped. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly published: readonly PublishedPort[];
  readonly mounts: readonly MountPoint[];
  /** To other containers of the default network. */
  readonly links?: readonly ContainerLink[];
  readonly habits?: Habits;
  readonly restartCount: number;
  /** Absent where everything that was asked for is done. */
  readonly wish?: Wish;
  /** Absolute paths on the host, '' before the first start. */
  readonly files: {
    readonly resolvConf: string;
    readonly hosts: string;
    readonly hostname: string;
    readonly log: string;
  };
};
