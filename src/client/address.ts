/** Where a daemon listens, in the form that node:http takes. */
export type DaemonAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

/** `unix:///path` or `tcp://host:port`. Throws TypeError on anything else. */
export const parseDaemonAddress = (url: string): DaemonAddress => {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  const match = /^(?:tcp|http):\/\/(\[[^\]]+\]|[^:/]+):(\d+)\/?$/.exec(url);
  if (match?.[1] === undefined)
    throw new TypeError(`cannot talk to ${url}: use unix:///path or tcp://host:port`);
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) };
};
