import { check, koffi, libc, SystemCallError } from './library.ts';

/** socket(2) numbers of Linux. */
export const socketNumbers = {
  inet: 2,
  inet6: 10,
  netlink: 16,
  stream: 1,
  datagram: 2,
  raw: 3,
  closeOnExec: 0o2000000,
  nonBlocking: 0o4000,
  dontWait: 0x40,
  truncate: 0x20,
} as const;

const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const bindCall = libc.func('int bind(int fd, const void *address, unsigned int length)');
const listenCall = libc.func('int listen(int fd, int backlog)');
const closeCall = libc.func('int close(int fd)');
const sendCall = libc.func('long send(int fd, const void *buffer, size_t length, int flags)');
const receiveCall = libc.func('long recv(int fd, void *buffer, size_t length, int flags)');
const setOptionCall = libc.func(
  'int setsockopt(int fd, int level, int name, const void *value, unsigned int length)',
);

/** socket(2), always close-on-exec. The socket belongs to the network namespace of the calling thread, for good. */
export const openSocket = (domain: number, type: number, protocol = 0): number =>
  check('socket', socketCall(domain, type | socketNumbers.closeOnExec, protocol) as number);

export const closeSocket = (descriptor: number): void => {
  check('close', closeCall(descriptor) as number);
};

/** bind(2) with the bytes of a sockaddr. */
export const bindSocket = (descriptor: number, address: Uint8Array): void => {
  check('bind', bindCall(descriptor, address, address.length) as number);
};

export const listenOnSocket = (descriptor: number, backlog: number): void => {
  check('listen', listenCall(descriptor, backlog) as number);
};

/** setsockopt(2) with an int value. */
export const setSocketOption = (
  descriptor: number,
  option: { level: number; name: number; value: number },
): void => {
  const value = Buffer.alloc(4);
  value.writeInt32LE(option.value);
  check('setsockopt', setOptionCall(descriptor, option.level, option.name, value, value.length) as number);
};

/** send(2) of the whole buffer (datagram sockets). */
export const sendDatagram = (descriptor: number, buffer: Uint8Array): void => {
  check('send', sendCall(descriptor, buffer, buffer.length, 0) as number);
};

/** recv(2) without waiting; undefined when nothing is there. Longer datagrams are cut to `buffer`. */
export const receiveDatagram = (descriptor: number, buffer: Uint8Array): number | undefined => {
  const length = receiveCall(descriptor, buffer, buffer.length, socketNumbers.dontWait) as number;
  if (length >= 0) return length;
  const errno = koffi.errno();
  if (errno === koffi.os.errno['EAGAIN']) return undefined;
  throw new SystemCallError('recv', errno);
};

/** struct sockaddr_in of a dotted IPv4 address and port. */
export const ipv4SocketAddress = (address: string, port: number): Buffer => {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(socketNumbers.inet, 0);
  buffer.writeUInt16BE(port, 2);
  buffer.set(address.split('.').map(Number), 4);
  return buffer;
};
