// Answers each TCP connection and each datagram with "<name> <address of the peer>".
// node answer.mjs NAME PORT; writes a line when it listens; ends with its stdin.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [, , name, port] = process.argv;
const plain = (address = '') => address.replace(/^::ffff:/, '');
const tcp = createServer((client) => {
  client.on('error', () => {});
  client.end(`${name} ${plain(client.remoteAddress)}`);
});
const udp = createSocket('udp4');
udp.on('message', (_, peer) => udp.send(`${name} ${peer.address}`, peer.port, peer.address));
tcp.listen(Number(port), '0.0.0.0', () =>
  udp.bind(Number(port), '0.0.0.0', () => process.stdout.write('ready\n')),
);
process.stdin.on('end', () => process.exit()).resume();
