import { readlinkSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EngineError } from '#domain/error/engine-error.ts';
import { codeOf } from './layer-error.ts';

/** 96 bits of a digest name a layer well enough, and 127 of them fit mount(2)'s 4096 bytes of options. */
const SHORT_HEX = 24;

/** Name under `overlay/l` of a layer, given the hex digits of its chain id. */
export const shortName = (hex: string): string => hex.slice(0, SHORT_HEX);

/** Gives the layer at `place` (`…/layers/<hex>`) its short name in the folder `links`. Idempotent. */
export const makeLayerLink = (links: string, place: string): void => {
  const hex = basename(place);
  const link = join(links, shortName(hex));
  const target = `../layers/${hex}/diff`;
  try {
    symlinkSync(target, link);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (readlinkSync(link) !== target)
      throw new EngineError('damaged', 'layer.name-collision', `${link} names another layer`, {
        params: { link },
      });
  }
};
