import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CommandError } from '#cli/exit-code.ts';
import { readPodManifest } from '#formats/pod-manifest/read-manifest.ts';

/** The pod that a file (`-`: standard input) describes. Says on stderr what of it does not count. */
export const loadManifest = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(
    (error: unknown) => {
      throw new CommandError(`cannot read ${file}: ${messageOf(error)}`, 1, { cause: error });
    },
  );
  try {
    const { pod, warnings } = readPodManifest(content);
    for (const warning of warnings) process.stderr.write(`warning: ${file}: ${warning}\n`);
    return pod;
  } catch (error) {
    throw new CommandError(`${file}: ${messageOf(error)}`, 1, { cause: error });
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
