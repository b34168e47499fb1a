import type { Static } from 'typebox';
import type { ErrorPlace } from '#api/dialect/dialect.ts';
import { EngineError, isEngineError } from '#domain/error/engine-error.ts';
import { formatBar } from '#formats/progress/bar.ts';
import type { LoadProgress, TransferProgress } from '#engine/engine.ts';
import { presentError } from '#api/docker/errors.ts';
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
    progressDetail: {
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
    },
    ...(bar === '' ? {} : { progress: bar }),
  };
};

/** `quiet` leaves the progress of layers out. */
export const presentLoad =
  (quiet: boolean) =>
  (step: LoadProgress): readonly Frame[] => {
    if (step.kind !== 'layer') return [{ stream: `${textOf(step)}\n` }];
    if (quiet) return [];
    return [{ status: 'Loading layer', id: step.id, ...presentAmount(step) }];
  };

const textOf = (step: Exclude<LoadProgress, { kind: 'layer' }>): string => {
  if (step.kind === 'loaded') return `Loaded image: ${step.reference}`;
  if (step.kind === 'loaded-id') return `Loaded image ID: ${step.id}`;
  const previous = step.previousId.replace(/^sha256:/, '').slice(0, 12);
  return `The image ${step.reference} already exists, renaming the old one with ID ${previous} to empty string`;
};

/** A failure after the stream began: its last object, in the words the same failure has before it. */
export const presentStreamError =
  (place: ErrorPlace) =>
  (error: unknown): Frame => {
    const { message } = presentError(toEngineError(error), place);
    return { errorDetail: { message }, error: message };
  };

const toEngineError = (error: unknown): EngineError => {
  if (isEngineError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('internal', 'internal', message, { cause: error });
};
