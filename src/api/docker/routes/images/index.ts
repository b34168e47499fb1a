import type { Route } from '#api/dialect/route.ts';
import type { DockerContext } from '#api/docker/context.ts';

export const IMAGE_ROUTES: readonly Route<DockerContext>[] = [];
