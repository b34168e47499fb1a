// A guest under QEMU, driven over a virtio-serial port. See docs/machines.md.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const MINUTE_MS = 60_000;
const BOOT_LIMIT_MS = 10 * MINUTE_MS;

/** A slow software processor has no time for what only costs; AppArmor stays as Debian has it. */
const KERNEL_ARGUMENTS = [
  [
    'root=/dev/vda',
    'rw',
    'console=ttyS0',
    'quiet',
    'systemd.show_status=1',
    'mitigations=off',
    'nokaslr',
    'audit=0',
    'random.trust_cpu=on',
  ],
  ['cryptomgr.notests', 'rcupdate.rcu_expedited=1', 'no_timer_check', 'panic=-1'],
].flat();

/**
 * @typedef {{ code: number, out: string, err: string }} Answer
 * @typedef {{ disk: string, kernel: string, initrd: string }} Base
 */

export class Guest {
  /** @type {import('node:child_process').ChildProcess} */
  #machine;
  /** @type {import('node:net').Socket | undefined} */
  #port;
  #folder;
  #lastId = 0;
  #rest = '';
  /** @type {Map<number, (answer: Answer) => void>} */
  #waiting = new Map();
  /** @type {string[]} */
  #boots = [];
  #ended = false;
  /** `kvm` or `tcg`. */
  accelerator;

  /**
   * @param {string} folder for its socket and its console
   * @param {{ base: Base, project: string }} disks neither is written to
   */
  static async boot(folder, disks) {
    const accelerator = hasWorkingKvm() ? 'kvm' : 'tcg';
    const guest = new Guest(folder, disks, accelerator);
    await guest.#connect();
    await guest.#nextBoot(0);
    return guest;
  }

  /**
   * @param {string} folder
   * @param {{ base: Base, project: string }} disks
   * @param {string} accelerator
   */
  constructor(folder, disks, accelerator) {
    this.#folder = folder;
    this.accelerator = accelerator;
    const console = openSync(join(folder, 'console.log'), 'a');
    this.#machine = spawn(
      'nice',
      ['-n', '10', 'qemu-system-x86_64', ...machineArguments(folder, disks, accelerator)],
      {
        stdio: ['ignore', console, console],
        env: { ...process.env, TMPDIR: folder },
      },
    );
    closeSync(console);
    this.#machine.on('exit', () => (this.#ended = true));
  }

  /** Of the present boot. */
  get bootId() {
    return this.#boots.at(-1) ?? '';
  }

  /**
   * Runs a bash script in the guest.
   * @param {string} script
   * @param {number} [seconds] after which it is killed, with code 124
   * @returns {Promise<Answer>}
   */
  run(script, seconds = 300) {
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers();
    const limit = setTimeout(
      () => {
        this.#waiting.delete(id);
        reject(new Error(`the guest did not answer to: ${script}\n${this.consoleTail()}`));
      },
      (seconds + 60) * 1000,
    );
    this.#waiting.set(id, (answer) => {
      clearTimeout(limit);
      resolve(answer);
    });
    this.#port?.write(`${JSON.stringify({ id, script, seconds })}\n`);
    return promise;
  }

  /** What the script printed; throws where it failed. @param {string} script @param {number} [seconds] */
  async demand(script, seconds) {
    const { code, out, err } = await this.run(script, seconds);
    if (code !== 0) throw new Error(`exit ${code} of: ${script}\n${out}${err}`);
    return out.trim();
  }

  /**
   * Runs a script again until what it prints passes.
   * @param {string} script
   * @param {(out: string) => boolean} isRight
   * @param {number} [seconds]
   */
  async poll(script, isRight, seconds = 180) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const { out, err } = await this.run(script);
      if (isRight(out.trim())) return out.trim();
      if (Date.now() > deadline) throw new Error(`still not so after ${seconds} s: ${script}\n${out}${err}`);
      await sleep(1000);
    }
  }

  /** A clean restart of the whole guest. */
  async reboot() {
    const before = this.#boots.length;
    // Its answer may be lost on the way down.
    this.run('systemctl reboot', 20).catch(() => {});
    await this.#nextBoot(before);
  }

  /** As if the power went. */
  async crash() {
    const before = this.#boots.length;
    this.run('echo b > /proc/sysrq-trigger', 20).catch(() => {});
    await this.#nextBoot(before);
  }

  consoleTail() {
    return readFileSync(join(this.#folder, 'console.log'), 'utf8').split('\n').slice(-30).join('\n');
  }

  async close() {
    this.#port?.destroy();
    if (!this.#ended) this.#machine.kill('SIGTERM');
    while (!this.#ended) await sleep(50);
  }

  async #connect() {
    const path = join(this.#folder, 'port');
    for (;;) {
      const socket = connect(path);
      const isOpen = await new Promise((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      if (isOpen) {
        socket.setEncoding('utf8').on('data', (text) => this.#read(String(text)));
        socket.on('error', () => {}); // the machine's end is seen at the machine
        this.#port = socket;
        return;
      }
      if (this.#ended) throw new Error(`QEMU ended at once:\n${this.consoleTail()}`);
      await sleep(50);
    }
  }

  /** @param {string} text */
  #read(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  /** @param {string} line */
  #take(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      return; // cut off by a reboot
    }
    if (message.boot) {
      // A restarted agent of the same boot is no new boot; nobody will answer what was asked before one.
      if (message.boot !== this.bootId) this.#boots.push(message.boot);
      return;
    }
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  /** @param {number} before */
  async #nextBoot(before) {
    const deadline = Date.now() + BOOT_LIMIT_MS;
    while (this.#boots.length <= before) {
      if (this.#ended) throw new Error(`the guest ended:\n${this.consoleTail()}`);
      if (Date.now() > deadline) throw new Error(`the guest did not come up:\n${this.consoleTail()}`);
      await sleep(200);
    }
  }
}

/**
 * @param {string} folder
 * @param {{ base: Base, project: string }} disks
 * @param {string} accelerator
 */
function machineArguments(folder, { base, project }, accelerator) {
  const fast =
    accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
  const append = [...KERNEL_ARGUMENTS, ...clockArgument()].join(' ');
  return [
    [
      '-machine',
      'q35',
      ...fast,
      '-smp',
      '2',
      '-m',
      '3072',
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
    ],
    ['-serial', 'stdio', '-kernel', base.kernel, '-initrd', base.initrd, '-append', append],
    // Written blocks go to a temporary file: each run begins with the guest as it was made.
    ['-drive', `file=${base.disk},if=virtio,format=raw,cache=unsafe,snapshot=on`],
    ['-drive', `file=${project},if=virtio,format=raw,cache=unsafe,snapshot=on`],
    [
      '-device',
      'virtio-serial-pci',
      '-chardev',
      `socket,id=port,path=${join(folder, 'port')},server=on,wait=off`,
    ],
    ['-device', 'virtserialport,chardev=port,name=guest', '-device', 'virtio-rng-pci'],
  ].flat();
}

/** Software processors measure their clock badly, and the kernel then waits for itself. */
function clockArgument() {
  const mhz = /^cpu MHz\s*:\s*([\d.]+)/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  return mhz ? [`tsc_early_khz=${Math.round(Number(mhz) * 1000)}`] : [];
}

/** A /dev/kvm that opens may still run no stock kernel (nested without hardware help): the processor must say so too. */
function hasWorkingKvm() {
  if (!/^flags\s*:.*\b(?:vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return false;
  try {
    closeSync(openSync('/dev/kvm', 'r+'));
    return true;
  } catch {
    return false;
  }
}

export function qemuVersion() {
  return (
    /version (\S+)/.exec(execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' }))?.[1] ?? ''
  );
}
