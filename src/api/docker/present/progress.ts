import type { Static } from 'typebox';
import { formatBar } from '#formats/progress/bar.ts';
import type { LoadProgress, TransferProgress } from '#engine/engine.ts';
import type { ProgressFrame } from '#api/docker/schema/progress.ts';

type Frame = Static<typeof ProgressFrame>;

/** Progress messages carry `progressDetail`, maybe empty; plain lines carry none (docker-shapes.md 12a). */
export const presentTransfer = ({ status, id, progress }: TransferProgress): Frame => ({
  status,
  ...(id === undefined ? {} : { id }),
  ...(progress === undefined ? {} : presentAmount(progress)),
});

const presentAmount = ({ current, total }: { readonly current?: number; readonly total?: number }): Frame => {
  const bar = formatBar(current ?? 0, total ?? 0);
  return {
    progressDetail: { ...(current === undefined ? {} : { current }), ...(total === undefined ? {} : { total }) },
    ...(bar === '' ? {} : { progress: bar }),
  };
};

/** `quiet` leaves the progress of layers out. */
export const presentLoad =
  (quiet: boolean) =>
  (step: LoadProgress): readonly Frame[] => {
    switch (step.kind) {
      case 'layer': {
        if (quiet) return [];
        return [{ status: 'Loading layer', id: step.id, ...presentAmount({ current: step.current, total: step.total }) }];
      }
      case 'loaded': {
        return [{ stream: `Loaded image: ${step.reference}\n` }];
      }
      case 'loaded-id': {
        return [{ stream: `Loaded image ID: ${step.id}\n` }];
      }
      case 'renamed': {
        return [
          {
            stream: `The image ${step.reference} already exists, renaming the old one with ID ${step.previousId} to empty string\n`,
          },
        ];
      }
    }
  };

/** A failure after the stream began: its last object. */
export const presentStreamError = (error: unknown): Frame => {
  const message = error instanceof Error ? error.message : String(error);
  return { errorDetail: { message }, error: message };
};
