export type Compression = 'plain' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

/** How many first bytes `detectCompression` looks at. */
export const COMPRESSION_PROBE_BYTES = 6;

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const BZIP2 = [0x42, 0x5a, 0x68];
const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

/**
 * Compression of a stream by its first bytes; anything unknown is `plain`.
 * Magic numbers: RFC 1952 §2.3.1, RFC 8878 §3.1 (skippable frames included: some layers begin with one),
 * bzip2 "BZh", .xz file format §2.1.1.1.
 */
export const detectCompression = (first: Uint8Array): Compression => {
  if (startsWith(first, GZIP)) return 'gzip';
  if (startsWith(first, ZSTD) || isSkippableFrame(first)) return 'zstd';
  if (startsWith(first, BZIP2)) return 'bzip2';
  if (startsWith(first, XZ)) return 'xz';
  return 'plain';
};

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, index) => bytes[index] === byte);

const isSkippableFrame = (bytes: Uint8Array): boolean =>
  bytes[0] !== undefined && (bytes[0] & 0xf0) === 0x50 && startsWith(bytes.subarray(1), [0x2a, 0x4d, 0x18]);

/** Media type of a layer blob (OCI image spec, layer.md); bzip2 and xz have none of their own and follow its pattern. */
export const layerMediaType = (compression: Compression): string => {
  const base = 'application/vnd.oci.image.layer.v1.tar';
  return compression === 'plain' ? base : `${base}+${compression}`;
};
