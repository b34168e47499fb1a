export type PullFrame = {
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly errorDetail?: { readonly message: string };
};

type Output = { readonly isTTY?: boolean; write(text: string): unknown };

/** Layers as lines that are rewritten in place on a terminal, and as plain lines elsewhere. */
export class PullProgress {
  readonly #output: Output;
  readonly #lines = new Map<string, number>();
  #height = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  show(frame: PullFrame): void {
    const text = `${frame.id === undefined ? '' : `${frame.id}: `}${frame.status ?? ''}`;
    if (this.#output.isTTY !== true) {
      // Bars are for eyes: a log gets only what changes.
      if (frame.progress === undefined || frame.progress === '') this.#output.write(`${text}\n`);
      return;
    }
    if (frame.id === undefined || frame.status?.startsWith('Pulling from') === true) this.#append(text);
    else this.#rewrite(frame.id, frame.progress === undefined ? text : `${text} ${frame.progress}`);
  }

  #append(text: string): void {
    this.#output.write(`${text}\n`);
    this.#height += 1;
  }

  #rewrite(id: string, text: string): void {
    const line = this.#lines.get(id);
    if (line === undefined) {
      this.#lines.set(id, this.#height);
      this.#append(text);
      return;
    }
    const up = this.#height - line;
    this.#output.write(`\u001B[${up}A\u001B[2K\r${text}\n${up > 1 ? `\u001B[${up - 1}B` : ''}`);
  }
}
