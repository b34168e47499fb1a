// Time as a machine of its own would have counted it. Limits that are there to end what hangs are measured with it: on
// a machine with five times more to do than it has cores for, a second counts for a fifth.
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** Who looks no more often than this was kept from running: what it missed is nobody's fault. */
const LONGEST_STEP_MS = 2000;
/** The machine is asked again after this. */
const ASK_AGAIN_MS = 200;

export class FairClock {
  #readSlowness;
  #now;
  #slowness = 1;
  #elapsedMs = 0;
  #lookedAt;
  #askedAt = -Infinity;

  /** @param {{ readSlowness?: () => number, now?: () => number }} [machine] */
  constructor({ readSlowness = slownessOfMachine, now = () => performance.now() } = {}) {
    this.#readSlowness = readSlowness;
    this.#now = now;
    this.#lookedAt = now();
  }

  /** To be asked every second or so: what lies between two looks is taken for as busy as the later one. */
  elapsedMs() {
    const now = this.#now();
    if (now - this.#askedAt >= ASK_AGAIN_MS) {
      this.#slowness = Math.max(1, this.#readSlowness());
      this.#askedAt = now;
    }
    this.#elapsedMs += Math.min(now - this.#lookedAt, LONGEST_STEP_MS) / this.#slowness;
    this.#lookedAt = now;
    return this.#elapsedMs;
  }

  restart() {
    this.#elapsedMs = 0;
    this.#lookedAt = this.#now();
  }
}

/** How many want each core: over the last minute, and now, as the former takes a minute to know of a new load. */
function slownessOfMachine() {
  const [lastMinute = 0] = loadavg();
  return Math.max(lastMinute, countRunning()) / availableParallelism();
}

function countRunning() {
  try {
    const [, running = '0'] = /(\d+)\/\d+/.exec(readFileSync('/proc/loadavg', 'utf8')) ?? [];
    return Number(running);
  } catch {
    return 0; // no such file: not this kernel's
  }
}

/**
 * Calls `onOver` once, when so much fair time has passed without a call of `again`.
 * @param {number} limitMs
 * @param {() => void} onOver
 * @param {FairClock} [clock]
 */
export function watchLimit(limitMs, onOver, clock = new FairClock()) {
  const timer = setInterval(
    () => {
      if (clock.elapsedMs() < limitMs) return;
      clearInterval(timer);
      onOver();
    },
    Math.min(1000, limitMs),
  );
  return { again: () => clock.restart(), stop: () => clearInterval(timer), unref: () => timer.unref() };
}
