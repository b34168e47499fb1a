import type { SyslogAddress } from '#formats/syslog/message.ts';

/** Where output is sent besides the log: services of the machine or of another. */
export interface LogTargets {
  /** Throws `unavailable`, code `log.target` {driver, problem}, when nobody listens (a UDP target always does). */
  open(address: SyslogAddress): Promise<LogTarget>;
  /** The machine's journal. Throws as `open` does. */
  openJournal(): Promise<LogTarget>;
}

export interface LogTarget {
  /** Resolves when it is handed over. What cannot be delivered is lost: an output must never stall for its log. */
  send(message: string | Uint8Array): Promise<void>;
  close(): void;
}
