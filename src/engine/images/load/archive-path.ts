import { malformedImage } from '#formats/oci-image/malformed.ts';

const MAX_LINKS = 40;

/** A name inside an archive in one spelling; what leads out of the archive is refused. */
export const archivePath = (name: string): string => {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined)
      throw malformedImage(`archive entry leads outside: ${name.slice(0, 200)}`);
  }
  return parts.join('/');
};

/** Where a symbolic link of the archive leads, as a path of the archive. */
export const linkTarget = (path: string, target: string): string => {
  if (target.startsWith('/')) throw malformedImage(`archive link is absolute: ${path}`);
  return archivePath(`${path.slice(0, path.lastIndexOf('/') + 1)}${target}`);
};

/** Follows the archive's own links. */
export const followLinks = (path: string, links: ReadonlyMap<string, string>): string => {
  let at = archivePath(path);
  for (let hops = 0; hops < MAX_LINKS; hops += 1) {
    const next = links.get(at);
    if (next === undefined) return at;
    at = next;
  }
  throw malformedImage(`archive links form a ring: ${path.slice(0, 200)}`);
};
