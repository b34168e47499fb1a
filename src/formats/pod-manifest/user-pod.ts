/** hyperd's UserPod as far as this folder writes it (hyperd API, section 3.1). A file of hyperd's may hold more. */
export type UserPod = {
  readonly id?: string;
  readonly hostname?: string;
  readonly restartPolicy?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly resource?: { readonly vcpu: number; readonly memory: number };
  readonly dns?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly containers?: readonly UserContainer[];
  readonly volumes?: readonly UserVolume[];
};

export type UserContainer = {
  readonly name: string;
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workdir?: string;
  readonly tty?: boolean;
  readonly readOnly?: boolean;
  readonly envs?: readonly { readonly env: string; readonly value: string }[];
  readonly user?: { readonly name: string; readonly group: string };
  readonly ports?: readonly {
    readonly containerPort: number;
    readonly hostPort?: number;
    readonly protocol: string;
  }[];
  readonly volumes?: readonly {
    readonly volume: string;
    readonly path: string;
    readonly readOnly: boolean;
  }[];
};

export type UserVolume = { readonly name: string; readonly source?: string; readonly format?: string };
