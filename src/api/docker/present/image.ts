import type { Static } from 'typebox';
import type { ContainerConfig } from '#domain/container/config.ts';
import type { ImageConfig } from '#domain/image/image.ts';
import { formatFamiliar, parseReference } from '#domain/image/reference.ts';
import type { HistoryEntry, ImageView, RemovedImage } from '#engine/engine.ts';
import type { HistoryItem, ImageAnswer, ImageItem, RemovedItem } from '#api/docker/schema/image.ts';
import { presentConfig } from './config.ts';
import { presentSeconds, presentTime } from './time.ts';

/** `docker.io/library/busybox:latest` as people write it. */
export const familiar = (name: string): string => formatFamiliar(parseReference(name));

export const presentImageItem = (view: ImageView, sharedSize: number): Static<typeof ImageItem> => ({
  Id: view.image.id,
  ParentId: view.image.parentId,
  RepoTags: view.tags.map(familiar),
  RepoDigests: view.digests.map(familiar),
  Created: presentSeconds(view.image.createdAt),
  Size: view.image.sizeBytes,
  VirtualSize: view.image.sizeBytes,
  SharedSize: sharedSize,
  Labels: Object.keys(view.image.config.labels).length === 0 ? null : { ...view.image.config.labels },
  Containers: view.containers,
});

export const presentImage = (view: ImageView, driver: string): Static<typeof ImageAnswer> => {
  const { image } = view;
  return {
    Id: image.id,
    RepoTags: view.tags.map(familiar),
    RepoDigests: view.digests.map(familiar),
    Parent: image.parentId,
    Comment: image.comment,
    Created: presentTime(image.createdAt),
    Container: image.containerId,
    ContainerConfig: presentConfig(toContainerConfig({ ...image.config, cmd: null, entrypoint: null })),
    DockerVersion: image.dockerVersion,
    Author: image.author,
    Config: presentConfig(toContainerConfig(image.config)),
    Architecture: image.architecture,
    ...(image.variant === '' ? {} : { Variant: image.variant }),
    Os: image.os,
    ...(image.osVersion === '' ? {} : { OsVersion: image.osVersion }),
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    GraphDriver: { Name: driver, Data: null },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: presentTime(image.lastTaggedAt) },
  };
};

/** An image's run defaults in the form that create takes. */
const toContainerConfig = (config: ImageConfig): ContainerConfig => ({
  hostname: '',
  domainname: '',
  user: config.user,
  attachStdin: false,
  attachStdout: false,
  attachStderr: false,
  exposedPorts: config.exposedPorts,
  tty: false,
  openStdin: false,
  stdinOnce: false,
  env: config.env,
  cmd: config.cmd,
  image: '',
  volumes: config.volumes,
  workingDir: config.workingDir,
  entrypoint: config.entrypoint,
  networkDisabled: false,
  macAddress: '',
  onBuild: config.onBuild,
  labels: config.labels,
  ...(config.stopSignal === undefined ? {} : { stopSignal: config.stopSignal }),
  ...(config.healthcheck === undefined ? {} : { healthcheck: config.healthcheck }),
  ...(config.shell === undefined ? {} : { shell: config.shell }),
});

export const presentHistory = (entry: HistoryEntry): Static<typeof HistoryItem> => ({
  Id: entry.id === '' ? '<missing>' : entry.id,
  Created: presentSeconds(entry.createdAt),
  CreatedBy: entry.createdBy,
  Tags: entry.tags.length === 0 ? null : entry.tags.map(familiar),
  Size: entry.sizeBytes,
  Comment: entry.comment,
});

export const presentRemoved = (removed: RemovedImage, imageId: string): Static<typeof RemovedItem> => ({
  ...('untagged' in removed ? { Untagged: familiar(removed.untagged) } : { Deleted: removed.deleted }),
  imageId,
});
