// Asks an answer.mjs and prints what it says, or the error's code: node ask.mjs tcp|udp ADDRESS PORT
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { pathToFileURL } from 'node:url';

const patienceMs = 1500;

/** @param {string} protocol @param {string} address @param {number} port @param {number} [localPort] @returns {Promise<string>} */
export function ask(protocol, address, port, localPort) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish('timeout'), patienceMs);
    const socket =
      protocol === 'tcp' ? connect({ host: address, port }) : createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    let text = '';
    const finish = (/** @type {string} */ result) => {
      clearTimeout(timer);
      if ('destroy' in socket) socket.destroy();
      else socket.close();
      resolve(result);
    };
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => finish(error.code ?? error.message));
    if ('destroy' in socket) {
      socket.on('data', (data) => (text += data));
      socket.on('end', () => finish(text));
    } else {
      socket.on('message', (data) => finish(String(data)));
      socket.bind(localPort ?? 0, () => socket.send('?', port, address));
    }
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , protocol = 'tcp', address = '', port] = process.argv;
  process.stdout.write(`${await ask(protocol, address, Number(port))}\n`);
}
