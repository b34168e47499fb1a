import type { Static } from 'typebox';
import { isEngineError } from '#domain/error/engine-error.ts';
import { formatBar } from '#formats/progress/bar.ts';
import type { LoadProgress, TransferProgress } from '#engine/engine.ts';
import type { ProgressFrame } from '#api/hyper/schema/image.ts';

type Frame = Static<typeof ProgressFrame>;

export const presentTransfer = ({ status, id, progress }: TransferProgress): Frame => ({
  status,
  ...(id === undefined || id === '' ? {} : { id }),
  ...(progress === undefined ? {} : presentAmount(progress)),
});

const presentAmount = ({ current, total }: { readonly current?: number; readonly total?: number }): Frame => {
  const bar = formatBar(current ?? 0, total ?? 0);
  return {
    progressDetail: {
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
    },
    ...(bar === '' ? {} : { progress: bar }),
  };
};

export const presentLoad = (step: LoadProgress): Frame => {
  if (step.kind === 'layer') return { status: 'Loading layer', id: step.id, ...presentAmount(step) };
  if (step.kind === 'loaded') return { stream: `Loaded image: ${step.reference}\n` };
  if (step.kind === 'loaded-id') return { stream: `Loaded image ID: ${step.id}\n` };
  return { stream: `The image ${step.reference} was another before; that one has lost the name\n` };
};

/** A failure after the stream began: its last object, by which clients know. */
export const presentStreamError = (error: unknown): Frame => {
  const message = isEngineError(error) ? error.message : 'internal error';
  return { errorDetail: { message }, error: message };
};
