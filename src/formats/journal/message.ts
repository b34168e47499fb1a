/** Messages for journald in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), and names of their fields. */

/** One message: a line per field, binary where a value has lines of its own. Names that journald refuses are left out. */
export const journalMessage = (fields: Iterable<readonly [name: string, value: string]>): Uint8Array => {
  const parts: Uint8Array[] = [];
  for (const [name, value] of fields) if (isFieldName(name)) parts.push(...field(name, value));
  return Buffer.concat(parts);
};

const field = (name: string, value: string): Uint8Array[] => {
  if (!value.includes('\n')) return [Buffer.from(`${name}=${value}\n`)];
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return [Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')];
};

/** Fields whose names begin with an underscore are journald's own. */
const isFieldName = (name: string): boolean => /^[A-Z][A-Z0-9_]{0,63}$/u.test(name);

/** Any text as the name of a field, as Docker makes it: `com.example.tier` becomes `COM_EXAMPLE_TIER`. */
export const fieldName = (text: string): string =>
  text
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]/gu, '_')
    .replace(/^_+/u, '');
