/**
 * A string that remembers what it names. Plain text may become any flavor; one flavor never becomes
 * another, so a container id cannot be passed where an image id belongs.
 */
export type Flavor<Name extends string> = string & { readonly __flavor?: Name };

/** 64 lower-case hex digits. */
export type ContainerId = Flavor<'ContainerId'>;
/** `sha256:` and 64 hex digits of the image's config blob. */
export type ImageId = Flavor<'ImageId'>;
/** `algorithm:hex` of any blob. */
export type Digest = Flavor<'Digest'>;
/** Digest of an uncompressed layer tar. */
export type DiffId = Flavor<'DiffId'>;
/** Digest that names a stack of layers (OCI image spec, "Layer ChainID"). */
export type ChainId = Flavor<'ChainId'>;
/** 64 lower-case hex digits. */
export type ExecId = Flavor<'ExecId'>;
/** 64 lower-case hex digits. */
export type NetworkId = Flavor<'NetworkId'>;
/** Chosen by whoever made the pod: letters, digits, `_`, `.`, `-`. */
export type PodId = Flavor<'PodId'>;
/** Name of a sandbox; a Docker container's sandbox has the container's id. */
export type SandboxId = Flavor<'SandboxId'>;
