import { volumeCreate } from './create.ts';
import { volumeInspect, volumeList } from './look.ts';
import { volumePrune } from './prune.ts';
import { volumeRemove } from './remove.ts';

export const VOLUME_ROUTES = [volumeList, volumeCreate, volumePrune, volumeInspect, volumeRemove];
