import type { Change } from '#api/dialect/change.ts';
import { reshape } from '#api/dialect/change.ts';
import { StateAnswer } from '#api/docker/schema/container.ts';

/** What engines put around the reason of a failed start, outermost first. */
const AROUND =
  /^(?:failed to create task .*?: unable to start container process|driver failed programming .*?): (.*)$/s;

const DRIVER_ERROR = '[8] System error: ';

const reasonAlone = reshape({
  id: 'container-error-is-the-reason-alone',
  in: '1.22',
  on: StateAnswer,
  why: 'the error of a failed start was what the execution driver had said',
  source: 'docker-routes.md R11',
  older: StateAnswer,
  down: (state) => {
    const { Error: error } = state;
    const reason = AROUND.exec(error)?.[1];
    const mark = error.startsWith('failed to create task') ? DRIVER_ERROR : '';
    return { ...state, Error: reason === undefined ? error : mark + reason };
  },
  examples: [
    {
      newer: {
        Error:
          'failed to create task for container: x: unable to start container process: exec: "a": not found',
      },
      older: { Error: '[8] System error: exec: "a": not found' },
      only: 'down',
    },
    { newer: { Error: '' }, older: { Error: '' }, only: 'down' },
  ],
});

const reasonUnmarked = reshape({
  id: 'container-error-has-no-number',
  in: '1.18',
  on: StateAnswer,
  why: 'execution drivers put no number of their own before the words of the system',
  source: 'docker-routes.md R11',
  older: StateAnswer,
  down: (state) => ({ ...state, Error: state.Error.replace(DRIVER_ERROR, '') }),
  examples: [
    {
      newer: { Error: '[8] System error: exec: "a": not found' },
      older: { Error: 'exec: "a": not found' },
      only: 'down',
    },
  ],
});

export const CONTAINER_STATE_CHANGES: readonly Change[] = [reasonAlone, reasonUnmarked];
