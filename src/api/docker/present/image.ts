import type { Static } from 'typebox';
import type { ContainerConfig } from '#domain/container/config.ts';
import type { Image, ImageConfig } from '#domain/image/image.ts';
import { formatFamiliar, parseReference } from '#domain/image/reference.ts';
import type { HistoryEntry, ImageView, RemovedImage } from '#engine/engine.ts';
import type { HistoryItem, ImageAnswer, ImageItem, RemovedItem } from '#api/docker/schema/image.ts';
import type { ImageConfigAnswer } from '#api/docker/schema/image-config.ts';
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
  Labels: labelsOrNull(view.image.config),
  Containers: view.containers,
  ownSize: ownSizeOf(view.image),
});

/** Bytes that it adds to its parent; a step that changed no file adds none. */
const ownSizeOf = ({ layers, history }: Image): number =>
  history.at(-1)?.emptyLayer === true ? 0 : (layers.at(-1)?.sizeBytes ?? 0);

export const presentImage = (view: ImageView, driver: string): Static<typeof ImageAnswer> => {
  const { image } = view;
  return {
    Id: image.id,
    RepoTags: view.tags.map(familiar),
    RepoDigests: view.digests.map(familiar),
    Parent: image.parentId,
    Comment: image.comment,
    Created: image.created ?? presentTime(image.createdAt),
    Container: image.containerId,
    ContainerConfig: presentConfig(containerConfigOf(image)),
    DockerVersion: image.dockerVersion,
    Author: image.author,
    Config: presentImageConfig(image.config),
    Architecture: image.architecture,
    ...(image.variant === '' ? {} : { Variant: image.variant }),
    Os: image.os,
    ...(image.osVersion === '' ? {} : { OsVersion: image.osVersion }),
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    ownSize: ownSizeOf(image),
    GraphDriver: { Name: driver, Data: null },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: presentTime(image.lastTaggedAt) },
  };
};

/** The members of a container's configuration that an image has; empty lists and maps are null. */
const presentImageConfig = (config: ImageConfig): Static<typeof ImageConfigAnswer> => {
  const whole = presentConfig({ ...EMPTY_CONFIG, ...config });
  return {
    User: whole.User,
    ...(whole.ExposedPorts === undefined ? {} : { ExposedPorts: whole.ExposedPorts }),
    Env: config.env.length === 0 ? null : whole.Env,
    Cmd: whole.Cmd,
    ...(whole.Healthcheck === undefined ? {} : { Healthcheck: whole.Healthcheck }),
    Volumes: whole.Volumes,
    WorkingDir: whole.WorkingDir,
    Entrypoint: whole.Entrypoint,
    OnBuild: whole.OnBuild,
    Labels: labelsOrNull(config),
    ...(whole.StopSignal === undefined ? {} : { StopSignal: whole.StopSignal }),
    ...(whole.Shell === undefined ? {} : { Shell: whole.Shell }),
  };
};

const labelsOrNull = ({ labels }: ImageConfig): Record<string, string> | null =>
  Object.keys(labels).length === 0 ? null : { ...labels };

/** Of the container that was committed; images that came without one show an empty one, as Docker does. */
const containerConfigOf = ({ containerConfig }: Image): ContainerConfig => ({
  ...EMPTY_CONFIG,
  ...containerConfig,
});

const EMPTY_CONFIG: ContainerConfig = {
  hostname: '',
  domainname: '',
  user: '',
  attachStdin: false,
  attachStdout: false,
  attachStderr: false,
  exposedPorts: [],
  tty: false,
  openStdin: false,
  stdinOnce: false,
  env: [],
  cmd: null,
  image: '',
  volumes: [],
  workingDir: '',
  entrypoint: null,
  networkDisabled: false,
  macAddress: '',
  onBuild: [],
  labels: {},
};

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
  ...('isLayer' in removed ? { isLayer: true } : {}),
});
