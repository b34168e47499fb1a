import { networkConnect, networkDisconnect } from './connect.ts';
import { networkCreate } from './create.ts';
import { networkInspect } from './inspect.ts';
import { networkList, networkListSlash } from './list.ts';
import { networkPrune } from './prune.ts';
import { networkRemove } from './remove.ts';

export const NETWORK_ROUTES = [
  networkList,
  networkListSlash,
  networkInspect,
  networkCreate,
  networkRemove,
  networkConnect,
  networkDisconnect,
  networkPrune,
];
