import { Type } from '#api/dialect/type.ts';
import type { Change } from '#api/dialect/change.ts';
import { reshape } from '#api/dialect/change.ts';
import { since } from '#api/dialect/lifetime.ts';
import { amend } from '#api/dialect/schema.ts';
import { InfoAnswer } from '#api/docker/schema/info.ts';

const bareSecurity = reshape({
  id: 'info-security-options-are-bare-names',
  in: '1.25',
  on: InfoAnswer,
  why: 'each was a word, not pairs of keys and values',
  source: 'docker-modern.md 3.7; recorded answers of 1.24',
  older: InfoAnswer,
  down: (info) => ({
    ...info,
    SecurityOptions: info.SecurityOptions.map((option) => /^name=([^,]*)/.exec(option)?.[1] ?? option),
  }),
  examples: [
    {
      newer: { SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'] },
      older: { SecurityOptions: ['seccomp', 'cgroupns'] },
      only: 'down',
    },
  ],
});

const asNumber = (value: boolean | undefined): number => (value === true ? 1 : 0);

const infoNumbers = reshape({
  id: 'info-flags-are-numbers',
  in: '1.19',
  on: InfoAnswer,
  why: 'clients of 1.9 to 1.18 decode these members as integers',
  source: 'docker-shapes.md 10',
  older: amend(InfoAnswer, {
    MemoryLimit: Type.Integer(),
    SwapLimit: Type.Integer(),
    IPv4Forwarding: Type.Integer(since('1.5')),
    Debug: Type.Integer(),
  }),
  down: ({ MemoryLimit, SwapLimit, IPv4Forwarding, Debug, ...info }) => ({
    ...info,
    MemoryLimit: asNumber(MemoryLimit),
    SwapLimit: asNumber(SwapLimit),
    IPv4Forwarding: asNumber(IPv4Forwarding),
    Debug: asNumber(Debug),
  }),
  examples: [
    {
      newer: { MemoryLimit: true, SwapLimit: false, IPv4Forwarding: true, Debug: false },
      older: { MemoryLimit: 1, SwapLimit: 0, IPv4Forwarding: 1, Debug: 0 },
    },
  ],
});

const trueOrAbsent = (value: number | undefined): true | undefined => (value === 1 ? true : undefined);
const positive = (value: number | undefined): number | undefined => (value === 0 ? undefined : value);

const infoBooleansBeforeNumbers = reshape({
  id: 'info-flags-were-booleans',
  in: '1.9',
  on: infoNumbers.older,
  why: 'before 1.9 flags were true or left out, and so were zero counts',
  source: 'docker-shapes.md 10',
  older: amend(infoNumbers.older, {
    MemoryLimit: Type.Optional(Type.Boolean()),
    SwapLimit: Type.Optional(Type.Boolean()),
    IPv4Forwarding: Type.Optional(Type.Boolean(since('1.5'))),
    Debug: Type.Boolean(),
  }),
  down: ({ MemoryLimit, SwapLimit, IPv4Forwarding, Debug, NFd, NGoroutines, NEventsListener, ...info }) => ({
    ...info,
    ...present('MemoryLimit', trueOrAbsent(MemoryLimit)),
    ...present('SwapLimit', trueOrAbsent(SwapLimit)),
    ...present('IPv4Forwarding', trueOrAbsent(IPv4Forwarding)),
    ...present('NFd', positive(NFd)),
    ...present('NGoroutines', positive(NGoroutines)),
    ...present('NEventsListener', positive(NEventsListener)),
    Debug: Debug === 1,
  }),
  examples: [
    {
      newer: { MemoryLimit: 1, SwapLimit: 0, IPv4Forwarding: 1, Debug: 0, NFd: 5, NGoroutines: 0 },
      older: { MemoryLimit: true, IPv4Forwarding: true, Debug: false, NFd: 5 },
    },
  ],
});

const present = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [key in Name]?: Value } => (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value };

export const INFO_CHANGES: readonly Change[] = [bareSecurity, infoNumbers, infoBooleansBeforeNumbers];
