/**
 * The MAC address that belongs to an IPv4 address: `02:42` (locally administered) and the four
 * bytes. Neighbours' tables stay right when an address moves to another container.
 */
export const macOfAddress = (address: number): string =>
  [0x02, 0x42, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');

/** Six hex bytes with colons or dashes, in lower case with colons; undefined for anything else and for group addresses. */
export const parseMac = (text: string): string | undefined => {
  if (!/^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i.test(text)) return undefined;
  const isGroup = (Number.parseInt(text.slice(0, 2), 16) & 1) === 1;
  return isGroup ? undefined : text.toLowerCase().replaceAll('-', ':');
};
