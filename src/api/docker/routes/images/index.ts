import { buildPrune } from './build-prune.ts';
import { imageCreate } from './create.ts';
import { imageGetCache, imageInsert, imageViz, imageVizGone } from './extras.ts';
import { imageHistory } from './history.ts';
import { imageInspect } from './inspect.ts';
import { imageList } from './list.ts';
import { imageLoad } from './load.ts';
import { imagePrune } from './prune.ts';
import { imageRemove } from './remove.ts';
import { imageSave, imagesSave } from './save.ts';
import { imageTag } from './tag.ts';

export const IMAGE_ROUTES = [
  imageList,
  imageInspect,
  imageHistory,
  imageTag,
  imageRemove,
  imagePrune,
  buildPrune,
  imageCreate,
  imageLoad,
  imageSave,
  imagesSave,
  imageViz,
  imageVizGone,
  imageGetCache,
  imageInsert,
];
