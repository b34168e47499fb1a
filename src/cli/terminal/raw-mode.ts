/** Keys go to the container one by one while it is held. */
export const rawMode = (wanted: boolean): Disposable => {
  const { stdin } = process;
  const active = wanted && stdin.isTTY;
  if (active) stdin.setRawMode(true);
  return {
    [Symbol.dispose]: () => {
      if (active) stdin.setRawMode(false);
      // A terminal or a pipe that stays open must not keep the command alive.
      stdin.destroy();
    },
  };
};

/** Tells the size of this terminal now and whenever it changes. */
export const followSize = (tell: (rows: number, columns: number) => void): Disposable => {
  const { stdout } = process;
  const report = (): void => tell(stdout.rows, stdout.columns);
  if (!stdout.isTTY) return { [Symbol.dispose]: () => undefined };
  report();
  stdout.on('resize', report);
  return { [Symbol.dispose]: () => void stdout.off('resize', report) };
};
