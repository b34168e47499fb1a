import type { Wording } from './wording.ts';

/** Today's words for what can go wrong with archives (docker-routes.md R22 to R25). */

const isCopy = ({ place }: Parameters<Wording>[0]): boolean => place.route === 'container-copy';

/** A broken upload was never told from trouble of the engine's own. */
const badUpload: Wording = ({ place, message }) =>
  place.route === 'container-archive-put' ? { status: 500, message } : {};

export const ARCHIVE_WORDING: Readonly<Record<string, Wording>> = {
  'archive.empty-path': (input) =>
    isCopy(input)
      ? { status: 500, message: 'Path cannot be empty' }
      : { message: "bad parameter: 'path' cannot be empty" },
  'archive.not-found': (input) => ({
    message: `Could not find the file ${input.params['path']} in container ${input.place.params['name'] ?? ''}`,
    ...(isCopy(input) ? { status: 500 } : {}),
  }),
  'root.not-found': ({ params: { id } }) => ({ message: `No such container: ${id}` }),
  'archive.not-a-directory': ({ place, message }) => ({
    message: place.route === 'container-archive-put' ? 'extraction point is not a directory' : message,
  }),
  'archive.read-only-root': () => ({ message: 'container rootfs is marked read-only' }),
  'archive.read-only-volume': () => ({ message: 'mounted volume is marked read-only' }),
  'archive.over-directory': ({ params: { path, target } }) => ({
    message: `cannot overwrite directory "${path}" with non-directory "${target}"`,
  }),
  'archive.over-file': ({ params: { path, target } }) => ({
    message: `cannot overwrite non-directory "${path}" with directory "${target}"`,
  }),
  'archive.outside': ({ params: { path, target } }) => ({
    status: 500,
    message: `"${path}" is outside of "${target}"`,
  }),
  'tar.truncated': badUpload,
  'tar.invalid-header': badUpload,
  'tar.corrupt': badUpload,
};
