/** Messages for syslog (RFC 3164, RFC 5424), as Docker's driver words them. */
export type SyslogFormat = '' | 'rfc3164' | 'rfc5424' | 'rfc5424micro';

export type SyslogMessage = {
  readonly facility: number;
  readonly severity: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly hostname: string;
  readonly tag: string;
  readonly pid: number;
  readonly text: string;
};

export const SEVERITY = { error: 3, info: 6 } as const;

const FACILITIES: readonly string[] =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp 12 13 14 15 local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );

/** By name or number; '' = daemon. undefined when there is no such facility. */
export const parseFacility = (text: string): number | undefined => {
  if (text === '') return FACILITIES.indexOf('daemon');
  const number = /^\d+$/u.test(text) ? Number(text) : FACILITIES.indexOf(text);
  return number >= 0 && number < FACILITIES.length ? number : undefined;
};

export const isSyslogFormat = (text: string): text is SyslogFormat =>
  ['', 'rfc3164', 'rfc5424', 'rfc5424micro'].includes(text);

/** One message with its newline. */
export const syslogMessage = (format: SyslogFormat, message: SyslogMessage): string => {
  const { facility, severity, hostname, tag, pid, text } = message;
  const priority = `<${facility * 8 + severity}>`;
  switch (format) {
    case '':
      return `${priority}${stamp(message.time)} ${tag}[${pid}]: ${text}\n`;
    case 'rfc3164':
      return `${priority}${stamp(message.time)} ${hostname} ${tag}[${pid}]: ${text}\n`;
    default: {
      const iso = new Date(message.time).toISOString();
      const time = format === 'rfc5424' ? iso.replace(/\.\d+/u, '') : iso.replace('Z', '000Z');
      return `${priority}1 ${time} ${hostname} ${tag} ${pid} ${tag} - ${text}\n`;
    }
  }
};

/** `Jan  2 15:04:05`. */
const stamp = (ms: number): string => {
  const [, month = '', day = '', time = ''] =
    /^\w+ (\w+) (\d+) \d+ ([\d:]+)/u.exec(new Date(ms).toString()) ?? [];
  return `${month} ${String(Number(day)).padStart(2, ' ')} ${time}`;
};

export type SyslogAddress =
  | { readonly kind: 'local' }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'udp' | 'tcp'; readonly host: string; readonly port: number };

/** `''`, `unix:///dev/log`, `unixgram:///x`, `udp://host[:514]`, `tcp://host[:514]`. undefined when it is none. */
export const parseSyslogAddress = (text: string): SyslogAddress | undefined => {
  if (text === '') return { kind: 'local' };
  const [, path] = /^unix(?:gram)?:\/\/(\/.+)$/u.exec(text) ?? [];
  if (path !== undefined) return { kind: 'unix', path };
  const [, kind, host = '', port = '514'] =
    /^(udp|tcp):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d{1,5}))?$/u.exec(text) ?? [];
  if ((kind !== 'udp' && kind !== 'tcp') || Number(port) > 65_535) return undefined;
  return { kind, host: host.replace(/^\[(.*)\]$/u, '$1'), port: Number(port) };
};
