import type { Change } from '#api/dialect/change.ts';
import { errorText } from '#api/dialect/change.ts';

/** Names were the image engine's, whose sentence made the status too: hyperd looked for words. */
const nameTaken = errorText({
  id: 'a-taken-name-was-a-conflict',
  in: '0.8',
  codes: ['container.name-in-use', 'container.conflict'],
  why: 'names of containers were those of the image engine, whose word for it was a conflict',
  source: 'hyperd-api 0.4',
  older: ({ name = '', id = '' }) => ({
    status: 409,
    message: `Conflict. The name "/${name}" is already in use by container ${id}. You have to remove (or rename) that container to be able to reuse that name.`,
  }),
  examples: [
    {
      params: { name: 'a', id: '1' },
      older: {
        status: 409,
        message:
          'Conflict. The name "/a" is already in use by container 1. You have to remove (or rename) that container to be able to reuse that name.',
      },
    },
  ],
});

export const ERROR_CHANGES: readonly Change[] = [nameTaken];
