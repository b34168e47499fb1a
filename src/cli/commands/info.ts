import { connect } from '#cli/connect.ts';
import { diagnose } from '#cli/doctor.ts';

export type InfoRequest = {
  readonly options: { readonly doctor?: boolean; readonly json?: boolean };
  readonly host: string | undefined;
};

export const info = async ({ options, host }: InfoRequest): Promise<void> => {
  if (options.doctor === true) {
    await examine();
    return;
  }
  const answer = await (await connect(host)).json<Record<string, unknown>>('GET', '/info');
  if (options.json === true) process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  else
    process.stdout.write(
      Object.entries(answer)
        .map(([name, value]) => `${name}: ${textOf(value)}\n`)
        .join(''),
    );
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const examine = async (): Promise<void> => {
  const findings = await diagnose();
  for (const { ok, what, found, fix } of findings) {
    process.stdout.write(
      `${ok ? 'ok     ' : 'MISSING'} ${what}: ${found}${ok || fix === undefined ? '' : `\n          fix: ${fix}`}\n`,
    );
  }
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
};
