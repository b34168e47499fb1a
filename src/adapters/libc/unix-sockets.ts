import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { check, koffi, libc, SystemCallError } from './library.ts';

const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const connectCall = libc.func('int connect(int fd, const void *address, unsigned int length)');
const socketpairCall = libc.func('int socketpair(int domain, int type, int protocol, _Out_ int *pair)');
const pipeCall = libc.func('int pipe2(_Out_ int *pair, int flags)');
const sendCall = libc.func('long send(int fd, const void *bytes, size_t length, int flags)');
const recvCall = libc.func('long recv(int fd, _Out_ void *bytes, size_t length, int flags)');
const shutdownCall = libc.func('int shutdown(int fd, int how)');

const ioctlCall = libc.func('int ioctl(int fd, unsigned long request, ...)');
const pollCall = libc.func('int poll(_Inout_ void *descriptors, unsigned long count, int timeout)');
const fcntlCall = libc.func('int fcntl(int fd, int command, ...)');

const iovec = koffi.struct({ base: 'void *', length: 'size_t' });
const messageHeader = koffi.struct({
  name: 'void *',
  nameLength: 'uint32_t',
  vectors: koffi.pointer(iovec),
  vectorCount: 'size_t',
  control: 'void *',
  controlLength: 'size_t',
  flags: 'int',
});
const recvmsgCall = libc.func('recvmsg', 'long', ['int', koffi.inout(koffi.pointer(messageHeader)), 'int']);

const unixDomain = 1;
const socketTypes = { stream: 1, datagram: 2, seqpacket: 5 } as const;
const socketFlags = { nonBlocking: 0o4000, closeOnExec: 0o2000000 } as const;
const shutWrite = 1;
const sendFlags = { dontWait: 0x40, noSignal: 0x4000 } as const;
const receiveFlags = { dontWait: 0x40, closeOnExec: 0x40000000 } as const;
/** poll(2): struct pollfd is a descriptor and two 16-bit sets. */
const poll = { bytes: 8, events: 4, results: 6, input: 1, interrupted: 4 } as const;
/** SIOCOUTQ. */
const unreadRequest = 0x5411;
const setFlags = 4;
const duplicateCloseOnExec = 1030;
/** struct cmsghdr before its data, and the message SCM_RIGHTS of SOL_SOCKET. */
const control = { headerBytes: 16, level: 1, rights: 1 } as const;
const wouldBlock = 11;
const connectionReset = 104;
/** The room for a path in struct sockaddr_un. */
const pathBytes = 108;

/** [read end, write end] of a pipe, or both ends of a socket pair. */
export type DescriptorPair = readonly [number, number];

/** pipe2(2), close-on-exec and blocking. */
export const makePipe = (): DescriptorPair => {
  const pair: [number, number] = [0, 0];
  check('pipe2', pipeCall(pair, socketFlags.closeOnExec) as number);
  return pair;
};

/** socketpair(2), Unix stream, close-on-exec. */
export const makeSocketPair = (): DescriptorPair => {
  const pair: [number, number] = [0, 0];
  check(
    'socketpair',
    socketpairCall(unixDomain, socketTypes.stream | socketFlags.closeOnExec, 0, pair) as number,
  );
  return pair;
};

/**
 * A descriptor connected to the SOCK_SEQPACKET socket at `path`, non-blocking and close-on-exec. The folder may
 * be longer than sockaddr_un has room for. Throws SystemCallError (ENOENT, ECONNREFUSED: nobody listens).
 */
export const connectSeqpacket = (path: string): number => connectUnix(path, socketTypes.seqpacket);

/** The same for a SOCK_DGRAM socket. */
export const connectDatagram = (path: string): number => connectUnix(path, socketTypes.datagram);

/** False when it was not taken: a full queue loses it, a receiver that is gone stays so (connect again). */
export const sendDatagram = (descriptor: number, bytes: Uint8Array): boolean => {
  const flags = sendFlags.dontWait | sendFlags.noSignal;
  return Number(sendCall(descriptor, bytes, bytes.length, flags)) >= 0;
};

const connectUnix = (path: string, type: number): number => {
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const address = Buffer.alloc(2 + pathBytes);
    address.writeUInt16LE(unixDomain);
    const short = `/proc/self/fd/${folder}/${basename(path)}`;
    if (address.write(short, 2, pathBytes - 1) !== Buffer.byteLength(short)) {
      throw new RangeError(`socket name too long: ${path}`);
    }
    const flags = type | socketFlags.nonBlocking | socketFlags.closeOnExec;
    const descriptor = check('socket', socketCall(unixDomain, flags, 0) as number);
    const result = connectCall(descriptor, address, address.length) as number;
    if (result < 0) throw afterClosing(descriptor, 'connect', path);
    return descriptor;
  } finally {
    closeSync(folder);
  }
};

const afterClosing = (descriptor: number, call: string, detail: string): SystemCallError => {
  const errno = koffi.errno();
  closeSync(descriptor);
  return new SystemCallError(call, errno, detail);
};

/** No more bytes will be written to the socket; the peer reads to its end. */
export const shutDownWriting = (descriptor: number): void => {
  check('shutdown', shutdownCall(descriptor, shutWrite) as number);
};

/**
 * The descriptor that the peer passes along with its next message (SCM_RIGHTS), close-on-exec. Undefined
 * while no message is there; throws when the message carries none or the peer has gone.
 */
export const receiveDescriptor = (socket: number): number | undefined => {
  const data = Buffer.alloc(4096);
  const controlBuffer = Buffer.alloc(64);
  const header = {
    name: null,
    nameLength: 0,
    vectors: [{ base: data, length: data.length }],
    vectorCount: 1,
    control: controlBuffer,
    controlLength: controlBuffer.length,
    flags: 0,
  };
  const received = Number(recvmsgCall(socket, header, receiveFlags.dontWait | receiveFlags.closeOnExec));
  if (received < 0 && koffi.errno() === wouldBlock) return undefined;
  check('recvmsg', received);
  const length = Number(controlBuffer.readBigUInt64LE(0));
  const isRights =
    controlBuffer.readInt32LE(8) === control.level && controlBuffer.readInt32LE(12) === control.rights;
  if (received === 0 || length < control.headerBytes + 4 || !isRights) {
    throw new Error('the message carries no descriptor');
  }
  return controlBuffer.readInt32LE(control.headerBytes);
};

/** Waits until some of the descriptors can be read or have ended; answers those. Blocks the calling thread. */
export const waitForInput = (descriptors: readonly number[]): number[] => {
  const table = Buffer.alloc(poll.bytes * descriptors.length);
  for (const [index, descriptor] of descriptors.entries()) {
    table.writeInt32LE(descriptor, index * poll.bytes);
    table.writeInt16LE(poll.input, index * poll.bytes + poll.events);
  }
  const result = pollCall(table, descriptors.length, -1) as number;
  if (result < 0 && koffi.errno() === poll.interrupted) return [];
  check('poll', result);
  return descriptors.filter((_, index) => table.readInt16LE(index * poll.bytes + poll.results) !== 0);
};

/** A second descriptor of the same open socket, close-on-exec (fcntl(2), F_DUPFD_CLOEXEC). */
export const duplicate = (descriptor: number): number =>
  check('fcntl', fcntlCall(descriptor, duplicateCloseOnExec, 'int', 0) as number);

/**
 * The next message that waits at the socket, into `buffer`; its length. 0 at the end, undefined while none is there. A
 * peer that went without reading all it was sent is no error here: what it said before comes out.
 */
export const receiveWaiting = (descriptor: number, buffer: Uint8Array): number | undefined => {
  for (;;) {
    const received = Number(recvCall(descriptor, buffer, buffer.length, receiveFlags.dontWait));
    if (received >= 0) return received;
    const errno = koffi.errno();
    if (errno === wouldBlock) return undefined;
    // Told once, before the messages that wait.
    if (errno !== connectionReset) check('recv', received);
  }
};

/** How many bytes sent through a Unix socket its peer has not read yet; undefined when it is closed. */
export const unreadBytes = (descriptor: number): number | undefined => {
  const count = Buffer.alloc(4);
  const result = ioctlCall(descriptor, unreadRequest, 'void *', count) as number;
  return result < 0 ? undefined : count.readInt32LE();
};

/** Clears O_NONBLOCK (and every other status flag). */
export const setBlocking = (descriptor: number): void => {
  check('fcntl', fcntlCall(descriptor, setFlags, 'int', 0) as number);
};
