/** resolv.conf(5): what a stub resolver is told. */
export type ResolvConf = {
  /** Addresses in the order they are asked; IPv6 may carry a zone (`fe80::1%eth0`). */
  readonly servers: string[];
  readonly search: string[];
  /** Such as `ndots:2`. */
  readonly options: string[];
};

/**
 * Reads a resolv.conf. Of several `search` or `domain` lines the last counts; options add up.
 * Comments start at the beginning of a line. Unknown words are left out.
 */
export const parseResolvConf = (text: string): ResolvConf => {
  const servers: string[] = [];
  const options: string[] = [];
  let search: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const [word, ...values] = line.trim().split(/\s+/);
    // A remark behind the values is common, though not in the manual.
    const remark = values.findIndex((value) => /^[#;]/.test(value));
    const given = remark < 0 ? values : values.slice(0, remark);
    if (word === 'nameserver' && given[0] !== undefined) servers.push(given[0]);
    else if (word === 'search') search = given;
    else if (word === 'domain') search = given.slice(0, 1);
    else if (word === 'options') options.push(...given);
  }
  // A lone dot means the root: no search.
  return { servers, search: search.filter((domain) => domain !== '.'), options };
};

export const formatResolvConf = ({ servers, search, options }: ResolvConf): string =>
  [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');

/** The text without the servers that `keeps` does not take; everything else stays as it is. */
export const filterServers = (text: string, keeps: (server: string) => boolean): string =>
  text
    .split(/(?<=\n)/)
    .filter((line) => {
      const [word, server] = line.trim().split(/\s+/);
      return word !== 'nameserver' || server === undefined || keeps(server);
    })
    .join('');
