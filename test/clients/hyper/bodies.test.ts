import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestDaemon } from '#test/support/daemon.ts';
import { idle, listed, removePod } from '#test/support/hyper/pod-client.ts';
import {
  assertRefused,
  bodyOf,
  DIALECTS,
  done,
  json,
  PAGE_NOT_FOUND,
  plain,
  tell,
} from '#test/support/hyper/transcript.ts';
import type { Telling } from '#test/support/hyper/transcript.ts';

let daemon: TestDaemon;
before(async () => (daemon = await TestDaemon.start()));
after(async () => daemon[Symbol.asyncDispose]());

const create = async (body: object | string, telling: Telling = {}): Promise<string> =>
  tell(daemon, 'POST /pod/create', { body, ...telling });

const JSON_TYPE = { type: 'application/json' };

const assertNothingLeft = async (): Promise<void> => {
  for (const item of ['pod', 'container', 'vm'] as const) assert.deepEqual(await listed(daemon, item), []);
};

describe('the body of a create', () => {
  it('has to say that it is JSON', async () => {
    const words = /Content-Type specified \(\S*\) must be 'application\/json'/u;
    const body = '{"id":"typed","containers":[]}';
    for (const type of ['text/plain', 'application/x-yaml', ''])
      assertRefused(await create(body, { type }), 500, words);
    assertRefused(
      await tell(daemon, 'POST /container/create?podId=a', {
        body: '{"image":"busybox"}',
        type: 'text/plain',
      }),
      500,
      words,
    );
    assert.equal(await create(body, { type: 'application/json; charset=utf-8' }), done(201, 'typed'));
    await removePod(daemon, 'typed');
    // Where there is nothing, nothing has to be said.
    for (const type of ['', 'text/plain', 'application/json'])
      assertRefused(await create('', { type }), 500, /unexpected end of JSON input/u);
  });

  it('has to be JSON', async () => {
    for (const [body, words] of [
      ['{"id":', /unexpected end of JSON input/u],
      ['{"id":"a"', /unexpected end of JSON input/u],
      ['pod', /invalid character 'p'/u],
      ['{id:1}', /invalid character/u],
      ['[]', /cannot unmarshal array/u],
      ['"pod"', /cannot unmarshal string/u],
    ] as const)
      assertRefused(await create(body, JSON_TYPE), 500, words);
    await assertNothingLeft();
  });

  it('has members of the right type', async () => {
    const inContainer = (more: object): object => ({ containers: [{ image: 'busybox', ...more }] });
    for (const [body, member] of [
      [{ id: 1 }, 'id'],
      [{ hostname: {} }, 'hostname'],
      [{ containers: {} }, 'containers'],
      [{ tty: 'yes' }, 'tty'],
      [{ labels: { a: 1 } }, 'labels'],
      [{ resource: { vcpu: '2' } }, 'vcpu'],
      [{ resource: { memory: 1.5 } }, 'memory'],
      [{ dns: '192.0.2.1' }, 'dns'],
      [{ portmappings: [{ containerPort: 80 }] }, 'containerPort'],
      [inContainer({ command: 'sh' }), 'command'],
      [inContainer({ envs: { A: '1' } }), 'envs'],
      [inContainer({ ports: [{ containerPort: '80' }] }), 'containerPort'],
      [inContainer({ user: 'root' }), 'user'],
      [inContainer({ ulimits: [{ Name: 'nofile', Hard: 'many' }] }), 'Hard'],
    ] as const)
      assertRefused(await create(body), 500, new RegExp(`cannot unmarshal .*\\b${member}\\b`, 'iu'));
    await assertNothingLeft();
  });

  it('is read whatever the case of its names, without its nulls, and past what nobody knows', async () => {
    const body = {
      ID: 'cased',
      Hostname: 'host',
      type: 'pod',
      unheard: { of: [] },
      Labels: { Kept: 'As it is' },
      RestartPolicy: 'never',
      files: null,
      Volumes: [{ NAME: 'v', Source: '/tmp', Driver: 'vfs' }],
      interfaces: null,
      portMappings: [{ containerport: '80', HOSTPORT: '', Protocol: 'TCP' }],
      services: [
        {
          serviceip: '10.254.0.9',
          serviceport: 80,
          Protocol: 'Tcp',
          hosts: [{ hostip: '10.0.0.1', hostport: 81 }],
        },
      ],
      Containers: [
        {
          NAME: 'cased-c',
          Image: 'busybox',
          Command: ['true'],
          labels: null,
          user: { name: '', group: '' },
          Envs: [{ Env: 'A', VALUE: 'b' }],
          volumes: [{ PATH: '/v', Volume: 'v', readonly: true }],
          ports: [{ containerport: 81, hostport: 0, Protocol: '' }],
          stopsignal: 'INT',
          imagePullPolicy: 'never',
        },
      ],
    };
    assert.equal(await create(body), done(201, 'cased'));
    const info = bodyOf(await tell(daemon, 'GET /pod/info?podName=cased')) as {
      spec: Record<string, unknown> & { containers: Record<string, unknown>[] };
    };
    assert.deepEqual(info.spec['labels'], { Kept: 'As it is' });
    assert.deepEqual(info.spec['volumes'], [{ name: 'v', source: '/tmp', driver: 'vfs' }]);
    const [one] = info.spec.containers;
    assert.match(JSON.stringify(one?.['env']), /\{"env":"A","value":"b"\}/u);
    assert.deepEqual(one?.['volumeMounts'], [
      { name: 'v', mountPath: '/v', readOnly: true },
      { name: 'etchosts-volume', mountPath: '/etc/hosts' },
    ]);
    const ports = await tell(daemon, 'GET /pod/cased/portmappings');
    assert.equal(
      ports.replaceAll(/"hostPort":"\d+"/gu, '"hostPort":"any"'),
      json(200, {
        portMappings: [
          { containerPort: '80', hostPort: 'any', protocol: 'tcp' },
          { containerPort: '81', hostPort: 'any', protocol: 'tcp' },
        ],
      }),
    );
    assert.equal(
      await tell(daemon, 'GET /service/list?podId=cased'),
      json(200, [
        {
          serviceIP: '10.254.0.9',
          servicePort: 80,
          protocol: 'Tcp',
          hosts: [{ hostIP: '10.0.0.1', hostPort: 81 }],
        },
      ]),
    );
    await removePod(daemon, 'cased');
  });

  it('may be nothing but a pair of braces, or null, except to the oldest', async () => {
    for (const body of ['{}', 'null']) {
      const { ID } = bodyOf(await create(body, JSON_TYPE), 201) as { ID: string };
      await removePod(daemon, ID);
    }
    for (const prefix of ['/v0.4.0', '/v0.5.0'])
      assertRefused(
        await tell(daemon, `POST ${prefix}/pod/create`, { body: { containers: [] } }),
        500,
        /container section can not be null/u,
      );
  });

  it('says sizes in any way', async () => {
    for (const [resource, shown] of [
      [
        { vcpu: 2, memory: 64 },
        { vcpu: 2, memory: 64 },
      ],
      [{ vcpu: 0, memory: -1 }, {}],
      [{}, {}],
    ] as const) {
      await create({ id: 'sized', containers: [], resource });
      const { spec } = bodyOf(await tell(daemon, 'GET /pod/info?podName=sized')) as { spec: object };
      assert.deepEqual(spec, shown);
      await removePod(daemon, 'sized');
    }
  });
});

describe('a create that fails', () => {
  it('for a missing image is 404 with the words old clients know, in every dialect', async () => {
    const pod = {
      id: 'missing',
      containers: [idle('missing-a'), { name: 'missing-b', image: 'nobody/has:this' }],
    };
    for (const { age, at } of DIALECTS) {
      const [request, telling] = at('POST /pod/create');
      const more = age === 'legacy' ? ': could not find image: no such id' : '';
      assert.equal(
        await tell(daemon, request, { body: pod, ...telling }),
        plain(404, `No such image: nobody/has:this${more}`),
      );
    }
    const args = encodeURIComponent(JSON.stringify(pod));
    assertRefused(await tell(daemon, `POST /v0.4.0/pod/run?podArgs=${args}`), 404, /no such id/u);
    await assertNothingLeft();
  });

  it('for a name in use says whose it is, and is no 404', async () => {
    await create({ id: 'first', containers: [idle('first-c')] });
    assertRefused(await create({ id: 'first', containers: [] }), 500, /first has already/u);
    assertRefused(await create({ id: 'second', containers: [idle('first-c')] }), 500, /first-c has already/u);
    // The image engine has names too.
    const Image = 'busybox';
    await daemon.client.json('POST', '/containers/create', { query: { name: 'docker-c' }, body: { Image } });
    assertRefused(
      await create({ id: 'second', containers: [idle('docker-c')] }),
      409,
      /docker-c" is already in use/u,
    );
    // Up to 0.7 all names were the engine's.
    for (const { age, at } of DIALECTS)
      for (const name of ['first-c', 'docker-c']) {
        const [request, telling] = at('POST /pod/create');
        const answer = await tell(daemon, request, {
          body: { id: 'second', containers: [idle(name)] },
          ...telling,
        });
        if (age === 'modern') assertRefused(answer, name === 'first-c' ? 500 : 409, new RegExp(name, 'u'));
        else
          assertRefused(answer, 409, new RegExp(`^Conflict. The name "/${name}" is already in use by `, 'u'));
      }
    await daemon.client.json('DELETE', '/containers/docker-c');
    assert.equal(await create({ id: 'second', containers: [idle('docker-c')] }), done(201, 'second'));
    await removePod(daemon, 'first');
    await removePod(daemon, 'second');
    await assertNothingLeft();
  });

  it('half-way leaves nothing, and its names are free at once', async () => {
    await create({
      id: 'holder',
      containers: [],
      portmappings: [{ containerPort: '80', hostPort: '45871' }],
    });
    const { status } = bodyOf(await tell(daemon, 'GET /pod/info?podName=holder')) as {
      status: { podIP: [string] };
    };
    for (const [more, words] of [
      [{ portmappings: [{ containerPort: '80', hostPort: '45871' }] }, /45871/u],
      [{ interfaces: [{ ip: status.podIP[0] }] }, /address/iu],
      [{ interfaces: [{ ip: '203.0.113.9/24' }] }, /203\.0\.113\.9/u],
      [{ volumes: [{ name: 'v', source: '/no/where', format: 'vfs' }] }, /\/no\/where/u],
    ] as const) {
      const pod = { id: 'half', containers: [idle('half-a'), idle('half-b')] };
      assertRefused(await create({ ...pod, ...more }), 500, words);
      assert.deepEqual(
        (await listed(daemon, 'pod')).map(([id]) => id),
        ['holder'],
      );
      assert.deepEqual(await listed(daemon, 'container'), []);
      assert.equal((await listed(daemon, 'vm')).length, 1);
      assert.equal(await create(pod), done(201, 'half'));
      await removePod(daemon, 'half');
    }
    await removePod(daemon, 'holder');
    await assertNothingLeft();
  });
});

describe('an address that nobody serves', () => {
  it('is a page that is not found, whatever the method and the dialect', async () => {
    for (const path of [
      '/',
      '/pods',
      '/pod',
      '/pod/info/',
      '/pod/a/b/c',
      '/containers/json',
      '/ping',
      '/wait',
    ])
      assert.equal(await tell(daemon, `GET ${path}`), PAGE_NOT_FOUND, path);
    for (const request of [
      'POST /pod/info',
      'GET /pod/create',
      'PUT /pod/stop',
      'GET /pod/a/portmappings/add',
      'POST /pod/a/portmappings/add',
      'DELETE /pod/info',
      'POST /list',
      'PATCH /pod',
    ])
      for (const { at } of DIALECTS) {
        const [text, telling] = at(request);
        assert.equal(await tell(daemon, text, telling), PAGE_NOT_FOUND, text);
      }
    assert.match(await tell(daemon, 'HEAD /list'), /^HTTP\/1\.1 404 Not Found\n/u);
  });

  it('may have any version before it', async () => {
    for (const prefix of ['/v0', '/v9.9.9', '/v1.2.3.4', '/v1', '/v0.3', '/v'])
      assert.match(await tell(daemon, `GET ${prefix}/list?item=pod`), /"podData":\[\]/u, prefix);
    for (const prefix of ['/version1', '/vx', '/v1.1.0x', '/1.1.0'])
      assert.equal(await tell(daemon, `GET ${prefix}/list?item=pod`), PAGE_NOT_FOUND, prefix);
  });
});
