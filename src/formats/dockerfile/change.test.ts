import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEngineError } from '#domain/error/engine-error.ts';
import { parseChange, splitInstructions } from '#formats/dockerfile/change.ts';
import type { Change } from '#formats/dockerfile/change.ts';
import { parseDuration } from '#formats/dockerfile/forms.ts';
import { expandWord, splitWords } from '#formats/dockerfile/words.ts';

const variables: Readonly<Record<string, string>> = { HOME: '/root', EMPTY: '', port: '80' };
const lookup = (name: string): string | undefined => variables[name];
const read = (line: string): Change => {
  const [instruction] = splitInstructions([line]);
  assert.ok(instruction);
  return parseChange(instruction, lookup);
};

test('every instruction is read in its forms', () => {
  const cases: [string, Change][] = [
    ['CMD ["a", "b c"]', { kind: 'cmd', command: { exec: ['a', 'b c'] } }],
    ['cmd echo $HOME', { kind: 'cmd', command: { shell: 'echo $HOME' } }],
    ['CMD [broken', { kind: 'cmd', command: { shell: '[broken' } }],
    ['ENTRYPOINT ["/x"]', { kind: 'entrypoint', command: { exec: ['/x'] } }],
    [
      'ENV a=1 b="2 3" c=$HOME/x d=\'$HOME\'',
      {
        kind: 'env',
        pairs: [
          ['a', '1'],
          ['b', '2 3'],
          ['c', '/root/x'],
          ['d', '$HOME'],
        ],
      },
    ],
    ['ENV old the whole  rest', { kind: 'env', pairs: [['old', 'the whole  rest']] }],
    [
      'LABEL "com.x"="y z" k=',
      {
        kind: 'label',
        pairs: [
          ['com.x', 'y z'],
          ['k', ''],
        ],
      },
    ],
    [
      'EXPOSE $port 53/UDP 8000-8002',
      { kind: 'expose', ports: ['80/tcp', '53/udp', '8000/tcp', '8001/tcp', '8002/tcp'] },
    ],
    ['VOLUME ["/a b", "/c"]', { kind: 'volume', paths: ['/a b', '/c'] }],
    ['VOLUME /a $HOME', { kind: 'volume', paths: ['/a', '/root'] }],
    ['USER 1:2', { kind: 'user', value: '1:2' }],
    ['WORKDIR ${HOME}/w', { kind: 'workdir', value: '/root/w' }],
    ['STOPSIGNAL SIGQUIT', { kind: 'stop-signal', value: 'SIGQUIT' }],
    ['ONBUILD RUN a $b', { kind: 'on-build', value: 'RUN a $b' }],
    ['SHELL ["/bin/bash","-c"]', { kind: 'shell', shell: ['/bin/bash', '-c'] }],
  ];
  for (const [line, expected] of cases) assert.deepEqual(read(line), expected, line);
});

test('health checks take their flags', () => {
  const change = read('HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f x');
  assert.ok(change.kind === 'healthcheck');
  assert.equal(change.healthcheck.intervalNs, 90e9);
  assert.equal(change.healthcheck.retries, 3);
  assert.deepEqual(change.healthcheck.test, ['CMD-SHELL', 'curl -f x']);
  const none = read('HEALTHCHECK NONE');
  assert.ok(none.kind === 'healthcheck');
  assert.deepEqual(none.healthcheck.test, ['NONE']);
});

test('what is no change is refused with its reason', () => {
  const cases: [string, RegExp][] = [
    ['RUN x', /^RUN is not a valid change command$/],
    ['FROM x', /FROM is not a valid change command/],
    ['CMD', /requires at least one argument/],
    ['ENV a', /must have two arguments/],
    ['ENV a=1 b', /can't find = in "b"/],
    ['ENV =1', /names can not be blank/],
    ['EXPOSE 0', /invalid containerPort: 0/],
    ['EXPOSE 5-4', /invalid containerPort/],
    ['EXPOSE 80/icmp', /invalid containerPort/],
    ['VOLUME [""]', /can not be an empty string/],
    ['ONBUILD ONBUILD RUN x', /Chaining ONBUILD/],
    ['ONBUILD FROM x', /isn't allowed as an ONBUILD trigger/],
    ['HEALTHCHECK --interval=x CMD y', /invalid duration/],
    ['HEALTHCHECK MAYBE', /Unknown type "MAYBE"/],
    ['SHELL bash', /JSON form/],
    ['ENV a="b', /double-quote/],
    ['USER ${', /bad substitution/],
  ];
  for (const [line, words] of cases) {
    assert.throws(
      () => read(line),
      (error) => isEngineError(error, 'invalid') && words.test(error.message),
      line,
    );
  }
});

test('variables have defaults and alternatives', () => {
  const expand = (text: string): string => expandWord(text, lookup);
  assert.equal(expand('${NO:-a ${HOME}}'), 'a /root');
  assert.equal(expand('${EMPTY:-x}${EMPTY-x}'), 'x');
  assert.equal(expand('${HOME:+set}${EMPTY:+set}${EMPTY+set}'), 'setset');
  assert.equal(expand('\\$HOME "\\"$HOME\\n"'), '$HOME "/root\\n');
  assert.equal(expand('a$'), 'a$');
});

test('lines are joined at backslashes and comments dropped', () => {
  assert.deepEqual(splitInstructions(['# no', 'ENV a=1 \\', '  b=2', '', 'USER x']), [
    { name: 'ENV', text: 'a=1   b=2' },
    { name: 'USER', text: 'x' },
  ]);
});

test('words put together again with blanks are the same words', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const words = splitWords(text);
      assert.deepEqual(splitWords(words.join(' ')), words);
    }),
  );
});

test('durations add up', () => {
  assert.equal(parseDuration('1h2m3s4ms5us6ns'), 3_723_004_005_006);
  assert.equal(parseDuration('.5s'), 5e8);
  for (const bad of ['', '1', 's', '1x', '-1s', '1s ']) assert.throws(() => parseDuration(bad), bad);
});

test('any text is either a change or refused as invalid', () => {
  const names = fc.constantFrom(
    'CMD',
    'ENV',
    'LABEL',
    'EXPOSE',
    'VOLUME',
    'USER',
    'HEALTHCHECK',
    'SHELL',
    'ONBUILD',
  );
  fc.assert(
    fc.property(names, fc.string(), (name, text) => {
      try {
        parseChange({ name, text }, lookup);
      } catch (error) {
        assert.ok(isEngineError(error, 'invalid'));
      }
    }),
  );
});
