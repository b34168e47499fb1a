import { execFileSync } from 'node:child_process';
import {
  bindSocket,
  closeSocket,
  openSocket,
  sendDatagram,
  socketNumbers,
} from '#adapters/libc/network-sockets.ts';

/** `send-frame.ts <interface> <hex>...`: Ethernet frames as they are, from the network namespace it is started in. */
const [, , link = '', ...frames] = process.argv;

const packetFamily = 17;
const shown = execFileSync('ip', ['-o', 'link', 'show', link], { encoding: 'utf8' });
const address = Buffer.alloc(20);
address.writeUInt16LE(packetFamily, 0);
address.writeInt32LE(Number.parseInt(shown, 10), 4);

const socket = openSocket(packetFamily, socketNumbers.raw);
bindSocket(socket, address);
for (const frame of frames) sendDatagram(socket, Buffer.from(frame, 'hex'));
closeSocket(socket);
