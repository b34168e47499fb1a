import { check, libc } from './library.ts';

const ioctlCall = libc.func('int ioctl(int fd, unsigned long request, ...)');
const setWindowSizeRequest = 0x5414;

/** TIOCSWINSZ on a terminal's descriptor; its foreground process gets SIGWINCH. Throws SystemCallError. */
export const setWindowSize = (
  descriptor: number,
  { rows, columns }: { rows: number; columns: number },
): void => {
  const size = Buffer.alloc(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(columns, 2);
  check('ioctl', ioctlCall(descriptor, setWindowSizeRequest, 'void *', size) as number, 'TIOCSWINSZ');
};
