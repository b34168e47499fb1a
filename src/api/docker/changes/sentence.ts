import { errorText } from '#api/dialect/change.ts';
import type { ErrorText } from '#api/dialect/change.ts';
import type { ErrorParams } from '#domain/error/engine-error.ts';

/** How an error was worded before a version: one line of a table. */
export type Sentence = {
  readonly code: string;
  readonly in: string;
  /** Only on these routes. */
  readonly routes?: readonly string[];
  /** Absent: today's. */
  readonly status?: number;
  /** `name` is how the client named the thing in the path. Absent: today's words. */
  readonly text?: (params: ErrorParams, name: string) => string;
  /** What `text` makes of the example's values. */
  readonly gives?: string;
  /** Values of the example besides the common ones. */
  readonly params?: ErrorParams;
};

const ID = '1f'.repeat(32);

const COMMON: ErrorParams = { id: ID, ref: 'web', name: 'web', status: 'running', exitCode: 0 };

/** Turns a table of sentences into changes. */
export const sentences = (source: string, why: string, table: readonly Sentence[]): ErrorText[] =>
  table.map((sentence) => {
    const { code, routes, status, text } = sentence;
    const shown = (message: string | undefined): { status?: number; message?: string } => ({
      ...(status === undefined ? {} : { status }),
      ...(message === undefined ? {} : { message }),
    });
    const place = routes === undefined ? '' : `-${routes.join('-')}`;
    return errorText({
      id: `${code.replaceAll('.', '-')}${place}-before-${sentence.in}`,
      in: sentence.in,
      ...(routes === undefined ? {} : { routes }),
      codes: [code],
      why,
      source,
      older: (params, view) => shown(text?.(params, view.path['name'] ?? '')),
      examples: [
        {
          params: { ...COMMON, ...sentence.params },
          path: { name: 'web' },
          older: shown(sentence.gives?.replaceAll('<64>', ID)),
        },
      ],
    });
  });

export const shortId = (id: unknown): string => String(id).slice(0, 12);
