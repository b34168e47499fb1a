/** An example of a document, as a request and the shape of its answer. */
export type Example = {
  readonly method: string;
  /** `{id}` stands for a container in this state. */
  readonly path: string;
  readonly state?: 'created' | 'running' | 'paused' | 'ended';
  readonly body?: object;
  /** What the document says, wrong or not. */
  readonly status: number;
  /** Member names and kinds: only the kind of a value counts; null may be anything, an empty list or map has no more. */
  readonly shape?: unknown;
  /** What the document gets wrong: a difference as `differences` words it, and why we stay with ours. */
  readonly wrong?: Readonly<Record<string, string>>;
  /** Why the request is not put to the daemon here. */
  readonly elsewhere?: string;
};

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
};

/** How a value differs from an example's, member by member. More members than the example has are fine. */
export const differences = (example: unknown, value: unknown, at = 'answer'): string[] => {
  if (example === null) return [];
  const [wanted, found] = [kindOf(example), kindOf(value)];
  if (wanted !== found)
    return [`${at}: ${value === undefined ? 'missing' : `${found} instead of ${wanted}`}`];
  if (wanted === 'list') {
    const [first] = example as unknown[];
    if (first === undefined) return [];
    return [...new Set((value as unknown[]).flatMap((each) => differences(first, each, `${at}[]`)))];
  }
  if (wanted !== 'object') return [];
  return Object.entries(example as object).flatMap(([name, member]) =>
    differences(member, (value as Record<string, unknown>)[name], `${at}.${name}`),
  );
};
