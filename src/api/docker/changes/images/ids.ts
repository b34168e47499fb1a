/** Ids were 64 hexadecimal digits and nothing before them until 1.22 (docker-shapes.md, identifiers). */
export const withoutAlgorithm = (id: string): string => id.replace(/^sha256:(?=[0-9a-f]{64}$)/, '');

/** Twelve digits; what is no id stays. */
export const shortened = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);
