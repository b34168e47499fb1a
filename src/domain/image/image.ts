import type { ChainId, DiffId, Digest, ImageId } from '#domain/value/flavor.ts';
import type { Instant } from '#domain/value/instant.ts';
import type { ContainerConfig, Healthcheck } from '#domain/container/config.ts';

/** The run defaults an image carries (`config` of the OCI image configuration). */
export type ImageConfig = {
  readonly user: string;
  readonly exposedPorts: readonly string[];
  readonly env: readonly string[];
  readonly entrypoint: readonly string[] | null;
  readonly cmd: readonly string[] | null;
  readonly volumes: readonly string[];
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly healthcheck?: Healthcheck;
  readonly onBuild: readonly string[];
  readonly shell?: readonly string[];
};

/** The configuration of the container that an image was committed from. */
export type CommittedConfig = ImageConfig &
  Pick<
    ContainerConfig,
    | 'hostname'
    | 'domainname'
    | 'attachStdin'
    | 'attachStdout'
    | 'attachStderr'
    | 'tty'
    | 'openStdin'
    | 'stdinOnce'
    | 'image'
  >;

export type ImageLayer = {
  readonly diffId: DiffId;
  readonly chainId: ChainId;
  /** The blob as it came (compressed or not): what save and push hand out again. */
  readonly blobDigest: Digest;
  readonly mediaType: string;
  readonly blobSizeBytes: number;
  /** Sum of the regular files' sizes. */
  readonly sizeBytes: number;
};

export type ImageHistory = {
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly author: string;
  readonly comment: string;
  readonly emptyLayer: boolean;
};

export type Image = {
  /** Digest of the config blob. */
  readonly id: ImageId;
  /** Set by commit and build only; '' otherwise. */
  readonly parentId: ImageId;
  readonly createdAt: Instant;
  /** RFC 3339 in the image's own words, where an instant says less. */
  readonly created?: string;
  readonly author: string;
  readonly comment: string;
  readonly architecture: string;
  readonly variant: string;
  readonly os: string;
  readonly osVersion: string;
  readonly dockerVersion: string;
  /** Id of the container committed; '' otherwise. */
  readonly containerId: string;
  /** How that container was made. */
  readonly containerConfig?: CommittedConfig;
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
  readonly history: readonly ImageHistory[];
  readonly sizeBytes: number;
  readonly lastTaggedAt: Instant;
};

/**
 * A name of an image in the local store.
 * `name` is canonical: `docker.io/library/busybox:latest` or `host/repo@sha256:...`.
 */
export type ImageReference = {
  readonly name: string;
  readonly imageId: ImageId;
  /** Manifest digest for names by digest; '' for tags. */
  readonly digest: Digest;
};
