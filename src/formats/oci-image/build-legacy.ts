import { parseJsonObject } from './json.ts';

/** What ties version 1 images together: ids of 64 hex digits, '' = no parent. */
export type LegacyTie = { readonly id: string; readonly parent: string };

/** Members of an image's configuration that a version 1 image has too. */
const SHARED = [
  'created',
  'container',
  'container_config',
  'docker_version',
  'author',
  'config',
  'architecture',
  'os',
  'comment',
] as const;

/** Bytes of `<id>/json` for the image itself, of its configuration's bytes. */
export const buildLegacyImage = (config: Uint8Array, tie: LegacyTie, sizeBytes: number): Uint8Array => {
  const { members } = parseJsonObject(config, 'image config');
  const shared = SHARED.flatMap((name) => (Object.hasOwn(members, name) ? [[name, members[name]]] : []));
  return encode({ ...tied(tie), ...Object.fromEntries(shared), Size: sizeBytes });
};

/** The same for a layer below it, of which only its command is known. */
export const buildLegacyLayer = (tie: LegacyTie, { created, createdBy, sizeBytes }: LayerFacts): Uint8Array =>
  encode({ ...tied(tie), created, container_config: { Cmd: [createdBy] }, os: 'linux', Size: sizeBytes });

type LayerFacts = { readonly created: string; readonly createdBy: string; readonly sizeBytes: number };

const tied = ({ id, parent }: LegacyTie): object => (parent === '' ? { id } : { id, parent });

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
