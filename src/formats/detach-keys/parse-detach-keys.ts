/** Ctrl-P, Ctrl-Q: what Docker has always used. */
export const DEFAULT_DETACH_KEYS: Uint8Array = Uint8Array.of(0x10, 0x11);

/** Keys after `ctrl-` besides letters: their place after the letters' codes. */
const CONTROL_SIGNS: Readonly<Record<string, number>> = {
  '@': 0,
  '[': 27,
  '\\': 28,
  ']': 29,
  '^': 30,
  _: 31,
};

/**
 * `a`, `ctrl-p`, `ctrl-p,ctrl-q`: the bytes of the sequence. Empty text means the default keys; undefined
 * where the text is no such list.
 */
export const parseDetachKeys = (text: string): Uint8Array | undefined => {
  if (text === '') return DEFAULT_DETACH_KEYS;
  const codes = text.split(',').map(codeOf);
  return codes.every((code) => code !== undefined) ? Uint8Array.from(codes) : undefined;
};

const codeOf = (key: string): number | undefined => {
  // A single character stands for itself; only one byte can be typed as one.
  if (key.length === 1) return key.charCodeAt(0) < 0x80 ? key.charCodeAt(0) : undefined;
  const [, name = ''] = /^ctrl-(.)$/.exec(key) ?? [];
  if (/^[a-z]$/.test(name)) return name.charCodeAt(0) - 0x60;
  return Object.hasOwn(CONTROL_SIGNS, name) ? CONTROL_SIGNS[name] : undefined;
};
