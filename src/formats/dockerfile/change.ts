import { dockerfileError } from './dockerfile-error.ts';
import { parseJsonForm, parseListOrWords, parsePairs } from './forms.ts';
import { parseHealthcheck } from './healthcheck.ts';
import type { HealthcheckInstruction } from './healthcheck.ts';
import { expandWord, splitWords } from './words.ts';
import type { Lookup } from './words.ts';

/** A command in the JSON form, or a line for the image's shell. */
export type Command = { readonly exec: readonly string[] } | { readonly shell: string };

/** An instruction that changes how an image runs, as commit and import take them. */
export type Change =
  | { readonly kind: 'cmd' | 'entrypoint'; readonly command: Command }
  | { readonly kind: 'env' | 'label'; readonly pairs: readonly (readonly [string, string])[] }
  | { readonly kind: 'expose'; readonly ports: readonly string[] }
  | { readonly kind: 'volume'; readonly paths: readonly string[] }
  | { readonly kind: 'user' | 'workdir' | 'stop-signal' | 'on-build'; readonly value: string }
  | { readonly kind: 'healthcheck'; readonly healthcheck: HealthcheckInstruction }
  | { readonly kind: 'shell'; readonly shell: readonly string[] };

type Reader = (text: string, lookup: Lookup) => Change;

/** One instruction with its name split off. */
export type Instruction = { readonly name: string; readonly text: string };

/** Lines of instructions: comments and blank lines dropped, lines that end with a backslash joined. */
export const splitInstructions = (lines: readonly string[]): Instruction[] =>
  lines
    .join('\n')
    .replaceAll(/\\[ \t]*\n/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
      return { name, text };
    });

/** Errors: code `dockerfile.not-a-change` (`X is not a valid change command`) and those of each instruction. */
export const parseChange = ({ name, text }: Instruction, lookup: Lookup): Change => {
  const read = READERS[name.toUpperCase()];
  if (read === undefined) {
    throw dockerfileError('not-a-change', `${name} is not a valid change command`, { name });
  }
  if (text === '') {
    throw dockerfileError('arguments', `${name.toUpperCase()} requires at least one argument`, { name });
  }
  return read(text, lookup);
};

const readCommand = (text: string): Command => {
  const list = parseJsonForm(text);
  return list === undefined ? { shell: text } : { exec: list };
};

const readPairs = (instruction: string, text: string, lookup: Lookup): [string, string][] =>
  parsePairs(instruction, text).map(([name, value]) => [expandWord(name, lookup), expandWord(value, lookup)]);

const PORT = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i;
const MAX_PORT = 65_535;

/** `80`, `53/udp`, `8000-8002/tcp` as `80/tcp`... */
const readPorts = (word: string): string[] => {
  const match = PORT.exec(word);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (match === null || first < 1 || last > MAX_PORT || last < first) {
    throw dockerfileError('port', `invalid containerPort: ${word}`, { port: word });
  }
  const protocol = (match[3] ?? 'tcp').toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
};

const readOnBuild = (text: string): Change => {
  const trigger = /^\S+/.exec(text)?.[0].toUpperCase() ?? '';
  if (trigger === 'ONBUILD') {
    throw dockerfileError('on-build', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  }
  if (trigger === 'FROM' || trigger === 'MAINTAINER') {
    throw dockerfileError('on-build', `${trigger} isn't allowed as an ONBUILD trigger`, { trigger });
  }
  return { kind: 'on-build', value: text };
};

const READERS: Readonly<Record<string, Reader>> = {
  CMD: (text) => ({ kind: 'cmd', command: readCommand(text) }),
  ENTRYPOINT: (text) => ({ kind: 'entrypoint', command: readCommand(text) }),
  ENV: (text, lookup) => ({ kind: 'env', pairs: readPairs('ENV', text, lookup) }),
  LABEL: (text, lookup) => ({ kind: 'label', pairs: readPairs('LABEL', text, lookup) }),
  EXPOSE: (text, lookup) => ({
    kind: 'expose',
    ports: splitWords(text)
      .flatMap((word) => splitWords(expandWord(word, lookup)))
      .flatMap(readPorts),
  }),
  VOLUME: (text, lookup) => ({
    kind: 'volume',
    paths: parseListOrWords(text).map((word) => {
      const path = expandWord(word, lookup).trim();
      if (path === '') throw dockerfileError('volume', 'VOLUME specified can not be an empty string');
      return path;
    }),
  }),
  USER: (text, lookup) => ({ kind: 'user', value: expandWord(text, lookup) }),
  WORKDIR: (text, lookup) => ({ kind: 'workdir', value: expandWord(text, lookup) }),
  STOPSIGNAL: (text, lookup) => ({ kind: 'stop-signal', value: expandWord(text, lookup) }),
  ONBUILD: readOnBuild,
  HEALTHCHECK: (text) => ({ kind: 'healthcheck', healthcheck: parseHealthcheck(text) }),
  SHELL: (text) => {
    const shell = parseJsonForm(text);
    if (shell !== undefined && shell.length > 0) return { kind: 'shell', shell };
    throw dockerfileError('shell', 'SHELL requires the arguments to be in JSON form');
  },
};
