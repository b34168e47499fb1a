import type { Sentence } from '#api/docker/changes/sentence.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';

const ON_CREATE = ['container-create'];

/** Before 1.22 a name that no image can have was looked up as any other; then the refusal had no status of its own. */
const unreadable = (code: string): Sentence[] => [
  { code, in: '1.24', routes: ON_CREATE, status: 500 },
  ...['1.22', '1.20'].map((version) => ({
    code,
    in: version,
    routes: ON_CREATE,
    status: 404,
    text: ({ given }: ErrorParams) => `No such image: ${given}`,
    params: { given: 'a//b' },
    gives: 'No such image: a//b',
  })),
];

/** Names of images at create, and instructions of commit. */
export const REFERENCE_SENTENCES: readonly Sentence[] = [
  ...['reference.format', 'reference.upper-case', 'reference.tag'].flatMap(unreadable),
  {
    code: 'dockerfile.not-a-change',
    in: '1.24',
    status: 500,
    text: ({ name }) => `${String(name).toLowerCase()} is not a valid change command`,
    params: { name: 'RUN' },
    gives: 'run is not a valid change command',
  },
];
