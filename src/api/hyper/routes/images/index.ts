import type { Route } from '#api/dialect/route.ts';
import { defineRoute } from '#api/hyper/context.ts';
import type { HyperContext } from '#api/hyper/context.ts';
import { imageLoad, imagePull } from './create.ts';
import { imageList, imageSave } from './list.ts';
import { imageRemove, imagesRemove, imagesRemoveOld } from './remove.ts';

const push = {
  method: 'POST',
  summary: 'Push an image to a registry',
  since: '0.3',
  replies: {},
  planned: 'pushing images is not supported yet',
} as const;

const imagePush = defineRoute({ ...push, id: 'image-push', path: '/image/push' });
/** As the documents' example has it. */
const imagesPush = defineRoute({ ...push, id: 'images-push', path: '/images/push' });

const imageBuild = defineRoute({
  id: 'image-build',
  method: 'POST',
  path: '/image/build',
  summary: 'Build an image from a Dockerfile',
  since: '0.3',
  replies: {},
  planned: 'building images is not supported yet',
});

export const IMAGE_ROUTES: readonly Route<HyperContext>[] = [
  imageList,
  imageSave,
  imagePull,
  imageLoad,
  imageBuild,
  imagePush,
  imagesPush,
  imageRemove,
  imagesRemove,
  imagesRemoveOld,
];
