/** Mounts a root, then unpacks a layer and says so: a process to be killed. Arguments: data root, chain id, blob. */
import { createOverlay } from '#adapters/overlay/overlay.ts';

const [, , dataRoot = '', chainId = '', blobPath = ''] = process.argv;
const overlay = createOverlay({ dataRoot });
await overlay.recover();
await overlay.createRoot('kept', []);
await overlay.mountRoot('kept');
await overlay.unpackLayer({ chainId, blobPath, onProgress: () => console.log('going') });
