import type { Static } from 'typebox';
import type { Change } from '#api/dialect/change.ts';
import { framing, reshape } from '#api/dialect/change.ts';
import { framesToText, mapItems } from '#api/dialect/framing.ts';
import { formatAmount } from '#formats/progress/amount.ts';
import { formatBar } from '#formats/progress/bar.ts';
import { formatSize } from '#formats/progress/size.ts';
import { ProgressFrame } from '#api/docker/schema/progress.ts';
import { shortened, withoutAlgorithm } from './images/ids.ts';

type Frame = Static<typeof ProgressFrame>;

const TEXT = 'text/plain; charset=utf-8';
const HEX = 'a'.repeat(64);
const DETAIL = { current: 65_536, total: 1_000_000 };

/** The same frame with its progress in other words; frames without numbers have none. */
const reworded = (frame: Frame, toText: (current: number, total: number) => string): Frame => {
  const { progress: _today, ...rest } = frame;
  const { current = 0, total = 0 } = frame.progressDetail ?? {};
  const progress = toText(current, total);
  return progress === '' ? rest : { ...rest, progress };
};

const spacedSizes = reshape({
  id: 'progress-sizes-have-a-space',
  in: '1.25',
  on: ProgressFrame,
  why: 'sizes were written as "65.54 kB"',
  source: 'docker-shapes.md 12a',
  older: ProgressFrame,
  down: (frame) => reworded(frame, (current, total) => formatBar(current, total, ' ')),
  examples: [
    {
      newer: { status: 's', progressDetail: DETAIL, progress: 'x' },
      older: { status: 's', progressDetail: DETAIL, progress: `[===>${' '.repeat(47)}] 65.54 kB/1 MB` },
    },
    { newer: { status: 's', progressDetail: {} }, older: { status: 's', progressDetail: {} } },
  ],
});

const bareIds = reshape({
  id: 'progress-bare-ids',
  in: '1.22',
  on: ProgressFrame,
  why: 'an import ends by saying the id of its image: 64 digits',
  source: 'docker-shapes.md 12d and identifiers',
  older: ProgressFrame,
  down: ({ status, ...frame }) => ({
    ...frame,
    ...(status === undefined ? {} : { status: withoutAlgorithm(status) }),
  }),
  examples: [
    { newer: { status: `sha256:${HEX}` }, older: { status: HEX } },
    { newer: { stream: 'x' }, older: { stream: 'x' } },
  ],
});

const humanAmounts = reshape({
  id: 'progress-is-an-amount',
  in: '1.8',
  on: ProgressFrame,
  why: 'there was no bar yet, and no numbers beside the text',
  source: 'docker-shapes.md 12b',
  older: ProgressFrame,
  down: (frame) => reworded(frame, (current, total) => formatAmount(current, total, formatSize)),
  examples: [
    {
      newer: { status: 's', progressDetail: DETAIL, progress: 'x' },
      older: { status: 's', progressDetail: DETAIL, progress: '65.54 kB/1 MB (7%)' },
    },
  ],
});

const uploadsInSilence = reshape({
  id: 'import-of-an-upload-tells-no-progress',
  in: '1.11',
  on: ProgressFrame,
  spread: true,
  why: 'the id was all that an import of an upload said, and scripts take what is said for the id',
  source: 'docker-shapes.md 12d',
  older: ProgressFrame,
  down: (frame) => (frame.status === 'Importing' && frame.progressDetail?.total === undefined ? [] : [frame]),
  examples: [
    { newer: { status: 'Importing', progressDetail: { current: 1 } }, older: [] },
    {
      newer: { status: 'Importing', progressDetail: DETAIL },
      older: [{ status: 'Importing', progressDetail: DETAIL }],
    },
    { newer: { status: HEX }, older: [{ status: HEX }] },
  ],
});

const shortIds = reshape({
  id: 'progress-short-ids',
  in: '1.7',
  on: ProgressFrame,
  why: 'the id an import ends with had twelve digits',
  source: 'docker-shapes.md 12d',
  older: ProgressFrame,
  down: ({ status, ...frame }) => ({
    ...frame,
    ...(status === undefined ? {} : { status: shortened(status) }),
  }),
  examples: [{ newer: { status: HEX }, older: { status: HEX.slice(0, 12) } }],
});

const amountsInBytes = reshape({
  id: 'progress-is-in-bytes',
  in: '1.4',
  on: ProgressFrame,
  why: 'sizes were plain byte counts',
  source: 'docker-shapes.md 12b',
  older: ProgressFrame,
  down: (frame) => reworded(frame, (current, total) => formatAmount(current, total, String)),
  examples: [
    {
      newer: { status: 's', progressDetail: DETAIL, progress: 'x' },
      older: { status: 's', progressDetail: DETAIL, progress: '65536/1000000 (7%)' },
    },
  ],
});

/** A finished amount ends its line; an unfinished one is written over by the next. */
const toLine = (frame: unknown): string => {
  const { status = '', progress, error } = frame as Frame;
  if (error !== undefined) return `${error.startsWith('Error: ') ? '' : 'Error: '}${error}\r\n`;
  if (progress === undefined) return `${status}\r\n`;
  return `${status} ${progress}${progress.endsWith('(100%)') ? '\n' : '\r'}`;
};

const plainText = framing({
  id: 'image-create-is-text',
  in: '1.1',
  routes: ['image-create'],
  why: 'clients of 1.0 copy the answer to the terminal',
  source: 'docker-shapes.md 12b; docker-routes.md 3.11',
  older: (reply) => framesToText(reply, TEXT, toLine),
  examples: [
    {
      newer: {
        frames: [
          { status: 'Pulling' },
          { status: 'Downloading', progress: '1/2 (50%)' },
          { status: 'Downloading', progress: '2/2 (100%)' },
          { error: 'gone' },
        ],
      },
      older: {
        text: 'Pulling\r\nDownloading 1/2 (50%)\rDownloading 2/2 (100%)\nError: gone\r\n',
        contentType: TEXT,
      },
    },
  ],
});

/** The id that ends it stands alone in its line. */
const toInsertLine = (frame: unknown): string => {
  const { Id: id, status } = frame as Frame;
  if (id !== undefined) return `${id}\n`;
  return status?.startsWith('sha256:') === true || /^[0-9a-f]{12,64}$/.test(status ?? '')
    ? ''
    : toLine(frame);
};

const insertIsText = framing({
  id: 'image-insert-is-text',
  in: '1.1',
  routes: ['image-insert'],
  why: 'clients of 1.0 copy the answer to the terminal',
  source: 'docker-routes.md R33',
  older: (reply) => framesToText(reply, TEXT, toInsertLine),
  examples: [
    {
      newer: { frames: [{ status: HEX.slice(0, 12) }, { Id: HEX.slice(0, 12) }] },
      older: { text: `${HEX.slice(0, 12)}\n`, contentType: TEXT },
    },
  ],
});

const MOVED = /^The image .* already exists, renaming the old one/;

const streamOf = (frame: unknown): string => {
  const { stream = '' } = frame as Frame;
  return stream;
};

/** Nothing is written before the end or the first moved name: failures until then are a status. */
const loadIsSilent = framing({
  id: 'image-load-is-silent',
  in: '1.23',
  routes: ['image-load'],
  why: 'a load answered nothing but the names that moved from another image',
  source: 'docker-modern.md 1, row 1.23; docker-semantics.md 15',
  older: (reply) => {
    if (reply.kind !== 'frames') return reply;
    const frames = mapItems(reply.frames, (frame) => (MOVED.test(streamOf(frame)) ? [frame] : []));
    return framesToText({ ...reply, frames, start: 'with-first' }, TEXT, streamOf);
  },
  examples: [
    {
      newer: { frames: [{ status: 'Loading layer', id: 'x' }, { stream: 'Loaded image: a:1\n' }] },
      older: { text: '', contentType: TEXT, start: 'with-first' },
    },
    {
      newer: {
        frames: [
          { stream: 'The image a:1 already exists, renaming the old one with ID 0 to empty string\n' },
          { stream: 'Loaded image: a:1\n' },
        ],
      },
      older: { text: 'The image a:1 already exists, renaming the old one with ID 0 to empty string\n' },
    },
  ],
});

export const PROGRESS_CHANGES: readonly Change[] = [
  spacedSizes,
  bareIds,
  uploadsInSilence,
  humanAmounts,
  shortIds,
  amountsInBytes,
  plainText,
  insertIsText,
  loadIsSilent,
];
