import type { ContainerRunConfig, ParsedHistory, ParsedImageConfig, RunConfig } from './config.ts';
import { readContainerConfig, readRunConfig } from './config.ts';
import { optionalObject, optionalTexts, parseJsonObject, readBoolean, readText } from './json.ts';
import { malformedImage } from './malformed.ts';
import { parseTimestamp } from './timestamp.ts';

/** `<id>/json` of an archive of the old form: one image per layer, tied by parents. */
export type LegacyImage = {
  readonly id: string;
  readonly parent: string;
  readonly createdAt: number;
  readonly author: string;
  readonly comment: string;
  readonly architecture: string;
  readonly variant: string;
  readonly os: string;
  readonly dockerVersion: string;
  readonly container: string;
  readonly containerConfig?: ContainerRunConfig;
  readonly run: RunConfig;
  readonly createdBy: string;
  /** Written by tools that knew the layer to be empty. */
  readonly isEmpty: boolean;
};

const ID = /^[a-f0-9]{64}$/;
const MAX_DEPTH = 1000;

export const isLegacyId = (text: string): boolean => ID.test(text);

export const parseLegacyImage = (bytes: Uint8Array, id: string): LegacyImage => {
  const top = parseJsonObject(bytes, `${id}/json`);
  const parent = readText(top, 'parent');
  if (parent !== '' && !isLegacyId(parent)) throw malformedImage(`${id}/json has a bad parent`);
  const containerConfig = optionalObject(top, 'container_config');
  return {
    id,
    parent,
    createdAt: parseTimestamp(readText(top, 'created'), `${id}/json.created`),
    author: readText(top, 'author'),
    comment: readText(top, 'comment'),
    architecture: readText(top, 'architecture'),
    variant: readText(top, 'variant'),
    os: readText(top, 'os'),
    dockerVersion: readText(top, 'docker_version'),
    container: readText(top, 'container'),
    ...(readText(top, 'container') === '' ? {} : readContainerConfig(top)),
    run: readRunConfig(optionalObject(top, 'config')),
    createdBy: containerConfig === undefined ? '' : (optionalTexts(containerConfig, 'Cmd') ?? []).join(' '),
    isEmpty: readBoolean(top, 'throwaway'),
  };
};

/** From the base up to `id`. Errors: `image.malformed` when a parent is missing or the chain is a ring. */
export const legacyChain = (id: string, images: ReadonlyMap<string, LegacyImage>): readonly LegacyImage[] => {
  const chain: LegacyImage[] = [];
  let next = id;
  while (next !== '') {
    const image = images.get(next);
    if (image === undefined) throw malformedImage(`archive lacks ${next}/json`);
    if (chain.length >= MAX_DEPTH) throw malformedImage(`archive has a ring of parents`);
    chain.unshift(image);
    next = image.parent;
  }
  return chain;
};

/** What a chain of version 1 images is today: one configuration with a history. */
export const toImageConfig = (
  chain: readonly LegacyImage[],
  diffIds: readonly string[],
): ParsedImageConfig => {
  const top = chain.at(-1);
  if (top === undefined) throw malformedImage('empty chain of images');
  const { id: _id, parent: _parent, createdBy: _by, isEmpty: _empty, ...own } = top;
  return {
    ...own,
    architecture: own.architecture || 'amd64',
    os: own.os || 'linux',
    osVersion: '',
    diffIds,
    history: chain.map(toHistory),
  };
};

const toHistory = (image: LegacyImage): ParsedHistory => ({
  createdAt: image.createdAt,
  createdBy: image.createdBy,
  author: image.author,
  comment: image.comment,
  emptyLayer: image.isEmpty,
});
