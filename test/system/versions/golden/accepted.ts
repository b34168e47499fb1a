import { knownVersion } from '#api/dialect/version.ts';

type Accepted = {
  /** Of a whole line: `<recording> <member>: <what>`. */
  readonly line: RegExp;
  readonly why: string;
  /** Only in answers to versions below this one. */
  readonly below?: string;
  /** Only answers of this engine. */
  readonly engine?: string;
};

/** The API version that an engine was written for; older ones are its compatibility. */
const NATIVE: Readonly<Record<string, string>> = { 'dockerd20.10': '1.41', 'dockerd28.5': '1.51' };

/** Where we differ from real engines, and why we stay with it. */
const ACCEPTED: readonly Accepted[] = [
  {
    line: /^archive-get output hello\.txt/,
    why: 'headers of the older engine had user names and the type in the mode; the newer one leaves them out',
    engine: 'dockerd20.10',
  },
  {
    line: /^image-inspect-commit Config\.Env: array instead of null$/,
    why: 'our busybox has an environment of its own',
  },
  {
    line: /^image-inspect-commit Config\.Labels: null instead of object$/,
    why: 'no labels are null in every image of ours, as in images that were pulled',
  },
  {
    line: /^stats-web-oneshot (?:id|name): more$/,
    why: 'the newest engine forgets them in this one form; clients look for them',
    engine: 'dockerd28.5',
  },
  {
    line: /^top-stopped (?:status 500 instead of 409|says 'Container )/,
    why: 'status and words of the era (docker-routes.md R05); newer engines show theirs to every client',
    below: '1.42',
  },
  { line: /^post-copy output passwd/, why: 'another busybox' },
  {
    line: /^volume-missing says 'no such volume' instead of/,
    why: 'words of the era; newer engines say their own to every client',
    below: '1.22',
  },
  {
    line: /^volumes-dangling Volumes: null instead of array$/,
    why: 'an empty list was null in the era',
    below: '1.22',
  },
  {
    line: /^df BuilderSize: more$/,
    why: 'documented at that version; the newest engine has dropped it',
    below: '1.42',
  },
  {
    line: /^post-copy type 'application\/octet-stream' instead of 'application\/x-tar'$/,
    why: 'before 1.20 the type was guessed; newer engines say the same to every client',
    below: '1.20',
  },
  {
    line: /^containers-filter-(?:bad|malformed) status 200 instead of/,
    why: 'before 1.14 there were no filters, and before 1.22 unknown ones did not count',
    below: '1.22',
  },
  {
    line: /^containers-filter-malformed (?:says 'invalid filter'|status 400 instead of 500)/,
    why: 'the status and the word are those of the newest engine; the older one passed the words of its decoder on',
    engine: 'dockerd20.10',
  },
  {
    line: /^exec-\w+ (?:ProcessConfig\.user|Container): more$/,
    why: 'the exec of the era had them; newer engines show the newer form to every client',
    below: '1.22',
  },
  {
    line: /^exec-running ExitCode: number instead of null$/,
    why: 'before 1.22 the exit code of what runs was 0',
    below: '1.22',
  },
  {
    line: /^(?:exec-missing|image-inspect-missing|inspect-missing|delete-missing) says /,
    why: 'words of the era; newer engines say their own to every client',
    below: '1.22',
  },
  {
    line: /^post-(?:rename|create)-conflict says /,
    why: 'words of the era; newer engines say their own to every client',
    below: '1.27',
  },
  {
    line: /^image-inspect-\S+ (?:ContainerConfig|Config)\.\w+: more$/,
    why: 'before 1.19 configurations had every member',
    below: '1.19',
  },
  {
    line: /^image-inspect-\S+ ContainerConfig\./,
    why: 'the recorded image was built; one that was imported has no container it came from',
  },
  {
    line: /^image-inspect-busybox Config\.(?:Env|Cmd): array instead of null$/,
    why: 'another busybox',
  },
  {
    line: /^info \w+: number instead of boolean$/,
    why: 'before 1.19 they were numbers',
    below: '1.19',
  },
  {
    line: /^info (?:InitSha1|InitPath|ClusterStore|ClusterAdvertise|SystemStatus): more$/,
    why: 'documented at that version; newer engines have dropped it',
    below: '1.25',
  },
  {
    line: /^inspect-\S+ (?:HostConfig\.LxcConf|ExecDriver|Config\.PortSpecs|NetworkSettings\.PortMapping): more$/,
    why: 'the era had them; newer engines have dropped them',
    below: '1.22',
  },
  {
    line: /^inspect-\S+ Config\.Env: array instead of null$/,
    why: 'their busybox has no environment, ours has a PATH',
  },
  {
    line: /^logs-\S+ type 'application\/vnd\.docker\.raw-stream' instead of ''$/,
    why: 'documented; that engine sent no type, which clients do not read',
    engine: 'dockerd20.10',
  },
  {
    line: /^logs-done-timestamps output .*\[\w{3} [ \d]\d /,
    why: 'before 1.14 times stood in brackets',
    below: '1.14',
  },
  {
    line: /^post-(?:create-noctype|kill-badsignal) status 500 instead of 400/,
    why: 'before 1.22 refusals were 500',
    below: '1.22',
  },
  {
    line: /^post-create-noctype status 201 instead of 400/,
    why: 'the type of a body was first looked at in 1.15; that engine does so at every version',
    engine: 'dockerd20.10',
    below: '1.15',
  },
  {
    line: /^post-create-badjson status 400 instead of 500/,
    why: '400 is what the newest engine says; the older one said 500',
    engine: 'dockerd20.10',
  },
  {
    line: /^post-create-noctype says /,
    why: 'words of the newest engine',
    engine: 'dockerd20.10',
  },
  {
    line: /^image-inspect-missing says /,
    why: 'words of the newest engine',
    engine: 'dockerd20.10',
  },
  {
    line: /HostConfig\.SecurityOpt: null instead of array$/,
    why: 'their containers in the host’s namespaces get label=disable; we have no labels',
  },
  {
    line: /GraphDriver\.Data: null instead of object$/,
    why: 'no paths of layers are given out',
  },
  {
    line: /Networks\[\]\.(?:IPAMConfig: null instead of object|(?:Aliases|DNSNames): null instead of array)$/,
    why: 'the recorded container was on a network of its own, with an address asked for',
  },
  {
    line: /^containers-filter-bad says 'Invalid filter/,
    why: 'words of the era; newer engines say their own to every client',
    below: '1.30',
  },
  {
    line: /^post-(?:kill-badsignal|resize) says /,
    why: 'words of the era; newer engines say their own to every client',
    below: '1.30',
  },
  {
    line: /^info RegistryConfig\.AllowNondistributable\w+: null instead of array$/,
    why: 'null is what the newest engine says',
    engine: 'dockerd20.10',
  },
  {
    line: /^info (?:ProductLicense|DefaultAddressPools): more$/,
    why: 'documented; those builds leave it out when it is empty',
  },
  {
    line: /^info (?:Containerd|Runtimes\[\]\.status|KernelMemoryTCP): missing$/,
    why: 'there is no containerd here, no features file of the runtime, and no such limit on the machine',
  },
  {
    line: /^info (?:Containerd|Init)Commit\.Expected: more$/,
    why: 'documented at that version; the newest engine has dropped it',
    below: '1.50',
  },
  {
    line: /^image-inspect-busybox Container: more$/,
    why: 'documented at that version; the newest engine leaves it out when it is empty',
    below: '1.45',
  },
  {
    line: /^inspect-\S+ HostConfig\.KernelMemory: more$/,
    why: 'documented at that version; the newest engine has dropped it',
    below: '1.42',
  },
  {
    line: /^inspect-\S+ HostConfig\.KernelMemoryTCP: missing$/,
    why: 'documented as left out when empty',
    engine: 'dockerd20.10',
  },
  {
    line: /^post-wait-done Error: missing$/,
    why: 'documented as left out when there is none',
    engine: 'dockerd20.10',
  },
  {
    line: /^post-start-badcmd says '.+unable to start container process: exec: "\S+": .+no such file or directory' instead/,
    why: 'the same failure without the name of their runtime',
  },
];

/** Whether a difference is one of those that we know; notes which entries were needed. */
export const isAccepted = (
  { engine, version }: { readonly engine: string; readonly version: string },
  line: string,
  used: Set<Accepted>,
): boolean => {
  const native = NATIVE[engine] ?? version;
  // Engines show members of later versions to older clients; what a version has is held by its descriptions.
  if (version !== native && line.endsWith(': missing')) return true;
  const entry = ACCEPTED.find(
    (each) =>
      each.line.test(line) &&
      (each.engine === undefined || each.engine === engine) &&
      (each.below === undefined || knownVersion(version) < knownVersion(each.below)),
  );
  if (entry !== undefined) used.add(entry);
  return entry !== undefined;
};

/** Entries that nothing needed. */
export const unneeded = (used: ReadonlySet<Accepted>): string[] =>
  ACCEPTED.filter((each) => !used.has(each)).map(({ line }) => line.source);

export type { Accepted };
