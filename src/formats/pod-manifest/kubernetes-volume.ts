import { badManifest } from './fields.ts';
import type { Reader } from './fields.ts';
import type { UserVolume } from './user-pod.ts';

/** emptyDir and hostPath; of other kinds nothing can be made: they are warned of and answer undefined. */
export const readVolume = (reader: Reader): UserVolume | undefined => {
  const name = reader.text('name');
  if (name === undefined) throw badManifest(`${reader.at('name')} is missing`);
  const host = reader.inside('hostPath');
  const source = host.text('path');
  host.ignore('type');
  host.finish();
  const isEmptyDir = reader.raw('emptyDir') !== undefined;
  if (isEmptyDir) readEmptyDir(reader.inside('emptyDir'));
  if (source !== undefined) {
    reader.finish();
    return { name, source, format: 'vfs' };
  }
  reader.finish();
  if (isEmptyDir) return { name };
  reader.warn(`volume ${name} is neither emptyDir nor hostPath: it and its mounts were left out`);
  return undefined;
};

const readEmptyDir = (reader: Reader): void => {
  reader.ignore('sizeLimit');
  reader.finish();
};
