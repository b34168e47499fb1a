import { existsSync } from 'node:fs';
import { pushImage, startRegistry } from '#test/support/registry.ts';
import { makeImage } from '#test/support/test-image.ts';
import type { LayerFiles } from '#test/support/test-image.ts';
import type { Work } from './works.ts';

const LAYERS = 4;
const FILES = 2000;
const FILE_BYTES = 12_500;
const REPOSITORY = 'bench/many-files';

/** Pulling 100 MB in 8000 files from Debian's registry on this machine; undefined where that is not installed. */
export const pullWork = async (): Promise<{ work: Work; close: () => Promise<void> } | undefined> => {
  if (!existsSync('/usr/bin/docker-registry')) return undefined;
  const registry = await startRegistry();
  const image = await makeImage({
    layers: Array.from({ length: LAYERS }, (_, layer) => ({ files: manyFiles(layer) })),
  });
  await pushImage({ url: registry.url, repository: REPOSITORY, tag: 'latest' }, image);
  const name = `${registry.host}/${REPOSITORY}`;
  const work: Work = {
    name: 'pull of 100 MB in 8000 files',
    unit: 's',
    turns: 1,
    turn: async ({ api }) => {
      const begin = performance.now();
      const answer = await api.bytes('POST', `/images/create?fromImage=${name}&tag=latest`);
      const spent = (performance.now() - begin) / 1000;
      if (answer.includes('errorDetail')) throw new Error(answer.toString().slice(-300));
      await api.bytes('DELETE', `/images/${name}:latest`);
      return spent;
    },
  };
  return { work, close: async () => registry[Symbol.asyncDispose]() };
};

/** Half of each file compresses well, as programs and texts do together. */
const manyFiles = (layer: number): LayerFiles => {
  const files: Record<string, Buffer> = {};
  let seed = layer + 1;
  for (let at = 0; at < FILES; at += 1) {
    const content = Buffer.alloc(FILE_BYTES, `file ${at} of layer ${layer} `);
    for (let byte = 0; byte < FILE_BYTES / 2; byte += 4) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      content.writeUInt32LE(seed, byte);
    }
    files[`usr/share/bench/layer${layer}/folder${at % 50}/file${at}`] = content;
  }
  return files;
};
