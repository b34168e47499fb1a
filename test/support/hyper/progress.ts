import assert from 'node:assert/strict';

export type Message = {
  readonly status?: string;
  readonly id?: string;
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message: string };
  readonly progress?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
};

/** What a stream of progress says: JSON by its type, objects each of which ends a line by CR LF (hyperd-api 0.6). */
export const messagesOf = (answer: string): Message[] => {
  const head = 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n';
  assert.ok(answer.startsWith(head), answer);
  const lines = answer.slice(head.length).split('\r\n');
  assert.equal(lines.pop(), '', 'the last message is not ended');
  return lines.map((line) => JSON.parse(line) as Message);
};

/** The same of a stream that must not fail. */
export const progressOf = (answer: string): Message[] => {
  const messages = messagesOf(answer);
  for (const { error, errorDetail } of messages) {
    assert.equal(error, undefined);
    assert.equal(errorDetail, undefined);
  }
  return messages;
};
