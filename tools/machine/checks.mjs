// What is tried in the guest, in order: about five minutes on an idle processor, many more beside others.
// Each check is a function that throws where the guest does not behave; it may use what the ones before it left.
import assert from 'node:assert/strict';

/** @typedef {import('./guest.mjs').Guest} Guest */

const HERE = '/usr/lib/gantry/test';
/** A client that starts fast on a slow processor. */
const DOCKER = `docker() { ${HERE}/docker "$@"; }; pidof1() { docker inspect -f '{{.State.Pid}}' "$1"; }
groupof() { echo /sys/fs/cgroup$(cut -d: -f3 /proc/$1/cgroup); }
`;
const START_SECONDS = 600;
const UNIT = '/etc/systemd/system/gantry.service';

/** @param {Guest} guest @param {string} script @param {number} [seconds] */
const docker = (guest, script, seconds) => guest.demand(`set -e\n${DOCKER}${script}`, seconds);

/** Until the daemon answers. @param {Guest} guest */
async function ready(guest) {
  const ping = 'curl -s --max-time 20 --unix-socket /run/docker.sock http://docker/_ping';
  await guest.poll(ping, (out) => out === 'OK', START_SECONDS);
}

/** @param {Guest} guest @param {string} name */
async function pidOf(guest, name) {
  return docker(guest, `pidof1 ${name}`);
}

/** Another way of running the unit: lines of a drop-in. @param {Guest} guest @param {string} lines */
async function withDropIn(guest, lines) {
  await guest.demand(
    `mkdir -p ${UNIT}.d; printf '[Service]\\n${lines}\\n' > ${UNIT}.d/test.conf; systemctl daemon-reload; systemctl restart gantry`,
    START_SECONDS,
  );
  await ready(guest);
}

/** @type {{ name: string, run: (guest: Guest) => Promise<void> }[]} */
export const CHECKS = [
  {
    name: 'the unit starts and the daemon answers',
    run: async (guest) => {
      await guest.demand(
        `cp /usr/lib/gantry/packaging/systemd/gantry.service ${UNIT}; systemctl daemon-reload; systemctl enable --now gantry`,
      );
      await ready(guest);
      await docker(guest, `docker load -q -i ${HERE}/busybox.tar`);
    },
  },
  {
    name: 'info: version 2, AppArmor, cgroup namespaces, no warning that is not so',
    run: async (guest) => {
      const info = JSON.parse(await docker(guest, "docker info -f '{{json .}}'"));
      assert.equal(info.CgroupVersion, '2');
      for (const name of ['name=apparmor', 'name=cgroupns', 'name=seccomp,profile=builtin'])
        assert.ok(info.SecurityOptions.includes(name), `${name} in ${info.SecurityOptions}`);
      const forwards = await guest.demand('cat /proc/sys/net/ipv4/ip_forward');
      const warned = (info.Warnings ?? []).filter(
        (/** @type {string} */ each) => !/io\.weight \(per/.test(each),
      );
      assert.deepEqual(forwards === '1' ? warned : [], []);
    },
  },
  {
    name: 'doctor finds nothing amiss',
    run: async (guest) => {
      const out = await guest.demand(
        '/usr/lib/gantry/node /usr/lib/gantry/bin/gantry.mjs info --doctor',
        600,
      );
      assert.doesNotMatch(out, /\b(?:missing|fail)/iu);
    },
  },
  {
    name: 'limits are what the files of the control group say',
    run: async (guest) => {
      const files = await docker(
        guest,
        `docker run -d --name limits --memory 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 \\
          --cpuset-cpus 0 --pids-limit 50 --device-read-bps /dev/vda:1mb --device-write-iops /dev/vda:100 \\
          --blkio-weight 300 --ulimit memlock=-1 --ulimit core=-1 busybox sleep 10000 >/dev/null
        pid=$(pidof1 limits); cd $(groupof $pid)
        for file in memory.max memory.swap.max memory.low cpu.max cpuset.cpus pids.max io.max; do echo "$file $(cat $file)"; done
        grep -E '^Max (core|locked)' /proc/$pid/limits | tr -s ' '
        docker update --memory 128m --memory-swap 256m --cpus 0.001 --pids-limit -1 limits >/dev/null
        for file in memory.max memory.swap.max cpu.max pids.max; do echo "then $file $(cat $file)"; done`,
      );
      for (const line of [
        ['memory.max 67108864', 'memory.swap.max 33554432', 'memory.low 33554432', 'cpu.max 50000 100000'],
        [
          'cpuset.cpus 0',
          'pids.max 50',
          'rbps=1048576',
          'wiops=100',
          'Max core file size unlimited unlimited',
        ],
        [
          'Max locked memory unlimited unlimited',
          'then memory.max 134217728',
          'then memory.swap.max 134217728',
        ],
        ['then cpu.max 1000 100000', 'then pids.max max'],
      ].flat())
        assert.ok(files.includes(line), `${line} in\n${files}`);
    },
  },
  {
    name: 'a privileged container makes its groups in its own, not in the machine’s root',
    run: async (guest) => {
      const out = await docker(
        guest,
        `docker run -d --name free --privileged busybox sleep 10000 >/dev/null
        docker exec free sh -c 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/inner'
        ls -d /sys/fs/cgroup/inner 2>/dev/null || true; ls -d $(groupof $(pidof1 free))/inner
        docker run --rm --cgroupns host busybox cat /proc/self/cgroup`,
      );
      assert.match(out, /^0::\/\n\/sys\/fs\/cgroup\/gantry-[0-9a-f]+\/[0-9a-f]+\/inner\n0::\/gantry-/u);
    },
  },
  {
    name: 'a container that takes too much memory is killed, and says so',
    run: async (guest) => {
      const out = await docker(
        guest,
        `docker run --name greedy --memory 24m busybox sh -c 'tail /dev/zero' >/dev/null 2>&1 || true
        docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' greedy; docker rm greedy >/dev/null`,
      );
      assert.equal(out, 'true 137');
    },
  },
  {
    name: 'a pod runs, answers and goes',
    run: async (guest) => {
      const spec = JSON.stringify({
        id: 'pair',
        containers: [1, 2].map((n) => ({ name: `pair-${n}`, image: 'busybox', command: ['sleep', '10000'] })),
      });
      const hyper = 'curl -s --max-time 120 --unix-socket /run/hyper.sock';
      const made = JSON.parse(
        await guest.demand(
          `${hyper} -X POST -H 'Content-Type: application/json' -d '${spec}' http://h/v0.8.1/pod/create`,
        ),
      );
      assert.ok(made.ID, JSON.stringify(made));
      await guest.demand(`${hyper} -X POST 'http://h/v0.8.1/pod/start?podId=${made.ID}'`);
      const running = await docker(guest, "docker ps --format '{{.Names}}'");
      assert.match(running, /pair-1/u);
      assert.match(running, /pair-2/u);
      await guest.demand(`${hyper} -X DELETE 'http://h/v0.8.1/pod?podId=${made.ID}'`);
    },
  },
  {
    name: 'containers, monitors and detached execs live through a restart of the unit, whatever it kills',
    run: async (guest) => {
      await docker(guest, 'docker exec -d limits sleep 20000');
      for (const lines of [
        '',
        'KillMode=control-group',
        'KillMode=control-group\\nDelegate=no',
        'Delegate=no',
      ]) {
        const before = [await pidOf(guest, 'limits'), await pidOf(guest, 'free')];
        const execs = await guest.demand("pgrep -f '^sleep 20000$'");
        assert.equal(
          await guest.demand('cat /sys/fs/cgroup/system.slice/gantry.service/cgroup.procs | wc -l'),
          '1',
          'the daemon is alone in its group',
        );
        await withDropIn(guest, lines);
        assert.deepEqual([await pidOf(guest, 'limits'), await pidOf(guest, 'free')], before);
        assert.equal(await guest.demand("pgrep -f '^sleep 20000$'"), execs);
        assert.equal(await docker(guest, 'docker exec limits echo here'), 'here');
      }
      await guest.demand(`rm -r ${UNIT}.d; systemctl daemon-reload`);
    },
  },
  {
    name: 'a daemon that is killed comes back to its containers',
    run: async (guest) => {
      const before = await pidOf(guest, 'limits');
      await guest.demand('systemctl kill -s KILL --kill-whom=main gantry; sleep 1');
      await ready(guest);
      assert.equal(await pidOf(guest, 'limits'), before);
    },
  },
  {
    name: 'a daemon that was started in a login scope leaves containers behind when the user goes',
    run: async (guest) => {
      await guest.demand('systemctl stop gantry');
      await guest.demand(
        `systemd-run --quiet --unit=login --property=PAMName=login --property=User=root --property=KillMode=control-group \\
          /usr/lib/gantry/node /usr/lib/gantry/bin/gantry.mjs daemon`,
      );
      await ready(guest);
      assert.match(
        await guest.demand('cat /proc/$(pgrep -of "gantry.mjs daemon")/cgroup'),
        /session-.*scope|login/u,
      );
      await docker(guest, 'docker run -d --name guestly busybox sleep 10000');
      const before = await pidOf(guest, 'guestly');
      await guest.demand(
        'loginctl list-sessions --no-legend | while read id rest; do loginctl terminate-session $id; done; systemctl stop login; true',
      );
      await guest.poll('pgrep -cf "gantry.mjs daemon"', (out) => out === '0');
      await guest.demand(`kill -0 ${before}; systemctl start gantry`);
      await ready(guest);
      assert.equal(await pidOf(guest, 'guestly'), before);
      await docker(guest, 'docker rm -f guestly');
    },
  },
  {
    name: 'after a reboot records are right and restart policies have been followed',
    run: async (guest) => {
      await docker(
        guest,
        `docker run -d --name always --restart always busybox sleep 10000
        docker run -d --name stopped --restart unless-stopped busybox sleep 10000; docker stop -t 0 stopped
        docker run -d --name never busybox sleep 10000`,
      );
      const before = guest.bootId;
      await guest.reboot();
      assert.notEqual(guest.bootId, before);
      await ready(guest);
      const states = "docker inspect -f '{{.Name}} {{.State.Status}}' always stopped never limits";
      await guest.poll(`${DOCKER}${states}`, (out) => out.includes('/always running'), START_SECONDS);
      assert.equal(
        await docker(guest, states),
        '/always running\n/stopped exited\n/never exited\n/limits exited',
      );
      assert.equal(await docker(guest, "docker inspect -f '{{.State.ExitCode}}' never"), '137');
      assert.equal(await docker(guest, 'docker exec always echo here'), 'here');
    },
  },
  {
    name: 'nothing is left when all is removed: npm run leaks',
    run: async (guest) => {
      await docker(guest, 'docker rm -f $(docker ps -aq)', 600);
      await guest.demand('systemctl stop gantry', 300);
      const out = await guest.demand(
        'cd /usr/lib/gantry && ./node tools/wipe.mjs && ./node tools/leaks.mjs',
        600,
      );
      assert.match(out, /no leaks/u);
      assert.equal(await guest.demand('ls -d /sys/fs/cgroup/gantry-* 2>/dev/null | wc -l'), '0');
    },
  },
];
