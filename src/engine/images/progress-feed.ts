import type { TransferProgress } from '#engine/engine.ts';
import { Feed } from './feed.ts';

/** What a pull reports; of a layer's running counts only the newest waits for a slow reader. */
export class ProgressFeed extends Feed<TransferProgress> {
  constructor() {
    super(isNewerCount);
  }

  /** A plain line. */
  say(status: string, id?: string): void {
    this.push(id === undefined ? { status } : { status, id });
  }

  /** A layer's new state. */
  mark(id: string, status: string): void {
    this.push({ status, id, progress: {} });
  }

  count(id: string, status: string, current: number, total: number | undefined): void {
    const progress = total === undefined || total === 0 ? { current } : { current, total };
    this.push({ status, id, progress });
  }
}

const isNewerCount = (waiting: TransferProgress, next: TransferProgress): boolean =>
  waiting.id === next.id &&
  waiting.status === next.status &&
  waiting.progress?.current !== undefined &&
  next.progress?.current !== undefined;
