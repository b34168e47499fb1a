import type { Sentence } from '#api/docker/changes/sentence.ts';

const REST = 'You cannot remove a running container. Stop the container before attempting removal or use -f';
const IMPOSSIBLE = 'Impossible to remove a running container, please stop it first';

const refused = (version: string, status: number, words: string): Sentence => ({
  code: 'container.running',
  in: version,
  status,
  text: () => words,
  gives: words,
});

/** Removing a container that runs, without force. */
export const REMOVE_SENTENCES: readonly Sentence[] = [
  {
    code: 'container.running',
    in: '1.42',
    text: ({ id, status }) =>
      `You cannot remove a ${status} container ${id}. Stop the container before attempting removal or force remove`,
    gives:
      'You cannot remove a running container <64>. Stop the container before attempting removal or force remove',
  },
  refused('1.22', 409, `Conflict, ${REST}`),
  refused('1.17', 500, REST),
  refused('1.14', 406, `${IMPOSSIBLE} or use -f`),
  refused('1.10', 406, IMPOSSIBLE),
  refused('1.1', 500, IMPOSSIBLE),
];
