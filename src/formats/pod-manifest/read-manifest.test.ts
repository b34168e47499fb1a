import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPodManifest } from './read-manifest.ts';

const KUBERNETES = `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: default
  labels: {app: web}
spec:
  restartPolicy: OnFailure
  hostname: www
  securityContext: {runAsUser: 1000}
  dnsConfig:
    nameservers: [10.0.0.53]
    options: [{name: ndots, value: "2"}]
  containers:
    - name: server
      image: busybox
      command: [httpd]
      args: ["-f", "-p", 8080]
      env:
        - {name: MODE, value: live}
        - {name: SECRET, valueFrom: {secretKeyRef: {name: s, key: k}}}
      ports: [{containerPort: 8080, hostPort: 80}]
      volumeMounts:
        - {name: data, mountPath: /data, readOnly: true}
        - {name: settings, mountPath: /etc/settings}
      resources: {limits: {cpu: 500m, memory: 64Mi}, requests: {cpu: 100m}}
      livenessProbe: {tcpSocket: {port: 8080}}
    - name: helper
      image: busybox
      securityContext: {runAsUser: 0, readOnlyRootFilesystem: true}
      resources: {limits: {cpu: 1, memory: 100M}}
  volumes:
    - {name: data, hostPath: {path: /srv/data}}
    - {name: settings, configMap: {name: c}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
`;

describe('pod manifests', () => {
  it('reads a Kubernetes pod as far as it maps, and names the rest', () => {
    const { pod, warnings } = readPodManifest(KUBERNETES);
    assert.deepEqual(pod, {
      id: 'web',
      labels: { app: 'web' },
      hostname: 'www',
      restartPolicy: 'onFailure',
      dns: ['10.0.0.53'],
      dnsOptions: ['ndots:2'],
      resource: { vcpu: 2, memory: 160 },
      containers: [
        {
          name: 'web-server',
          image: 'busybox',
          entrypoint: ['httpd'],
          command: ['-f', '-p', '8080'],
          user: { name: '1000', group: '' },
          envs: [{ env: 'MODE', value: 'live' }],
          ports: [{ containerPort: 8080, hostPort: 80, protocol: 'tcp' }],
          volumes: [{ volume: 'data', path: '/data', readOnly: true }],
        },
        {
          name: 'web-helper',
          image: 'busybox',
          user: { name: '0', group: '' },
          readOnly: true,
          envs: [],
          ports: [],
          volumes: [],
        },
      ],
      volumes: [{ name: 'data', source: '/srv/data', format: 'vfs' }],
    });
    assert.deepEqual(warnings, [
      'Service of v1 is no Pod and was left out',
      'metadata.namespace is not supported and was left out',
      'spec.volumes[1].configMap is not supported and was left out',
      'volume settings is neither emptyDir nor hostPath: it and its mounts were left out',
      'spec.containers[0].env[1].valueFrom is not supported: SECRET was left out',
      'spec.containers[0].livenessProbe is not supported and was left out',
    ]);
  });

  it('leaves hyperd’s own files as they are, JSON or YAML', () => {
    const pod = { id: 'p', containers: [{ image: 'busybox', volumes: null }], kind: 'anything' };
    assert.deepEqual(readPodManifest(JSON.stringify(pod)), { pod, warnings: [] });
    assert.deepEqual(readPodManifest('id: p\ncontainers:\n- image: busybox\n').pod, {
      id: 'p',
      containers: [{ image: 'busybox' }],
    });
  });

  it('says what is wrong, and where', () => {
    const bad = (text: string, words: RegExp): void =>
      assert.throws(() => readPodManifest(text), { code: 'manifest.invalid', message: words });
    bad('', /no pod/u);
    bad('[1, 2', /flow sequence|bracket/iu);
    bad('just text', /no object/u);
    bad('{"id": "a"}\n---\n{"id": "b"}', /more than one pod/u);
    bad('{apiVersion: v1, kind: List}', /no pod/u);
    bad('{apiVersion: v1, kind: Pod}', /metadata\.name is missing/u);
    bad('{apiVersion: v1, kind: Pod, metadata: {name: p}}', /spec\.containers is empty/u);
    bad(
      '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c}]}}',
      /spec\.containers\[0\]\.image is missing/u,
    );
    bad(
      '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i, resources: {limits: {memory: lots}}}]}}',
      /spec\.containers\[0\]\.resources\.limits\.memory: lots is no quantity/u,
    );
  });
});
