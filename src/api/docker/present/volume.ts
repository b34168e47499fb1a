import type { Static } from 'typebox';
import type { VolumeAnswer } from '#api/docker/schema/volume.ts';
import type { VolumeView } from '#engine/engine.ts';
import { presentTime } from './time.ts';

/** Marks what `prune` takes by default. */
const ANONYMOUS = 'com.docker.volume.anonymous';

type Labelled = Pick<VolumeView, 'anonymous' | 'labels'>;

export const volumeLabels = ({ anonymous, labels }: Labelled): Readonly<Record<string, string>> =>
  anonymous ? { ...labels, [ANONYMOUS]: '' } : labels;

const filledOrNull = (texts: Readonly<Record<string, string>>): Record<string, string> | null =>
  Object.keys(texts).length === 0 ? null : { ...texts };

export const presentVolume = (volume: VolumeView): Static<typeof VolumeAnswer> => ({
  // Whole seconds, as clients have parsed it from the first.
  CreatedAt: presentTime(Math.floor(volume.createdAt / 1000) * 1000),
  Driver: volume.driver,
  Labels: filledOrNull(volumeLabels(volume)),
  Mountpoint: volume.mountpoint,
  Name: volume.name,
  Options: filledOrNull(volume.options),
  Scope: 'local',
});
