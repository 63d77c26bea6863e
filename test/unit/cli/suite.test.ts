/** Interruption: the first signal ends a run in order, and nothing of it stays behind in the process. */
import assert from 'node:assert/strict';
import { interruptibly } from '../../../harness/cli/suite.ts';

const listeners = (): number[] => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];

describe('interruptibly', () => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    it(`should abort the work on ${name}, and say so once`, async () => {
      const before = listeners();
      const lines: string[] = [];
      const answer = await interruptibly(
        (line) => lines.push(line),
        async (signal) => {
          assert.equal(signal.aborted, false);
          process.emit(name);
          return Promise.resolve(signal.aborted);
        },
      );
      assert.equal(answer, true);
      assert.equal(lines.length, 1);
      assert.deepEqual(listeners(), before);
    });
  }

  it('should leave no listeners behind when the work fails', async () => {
    const before = listeners();
    await assert.rejects(
      interruptibly(
        () => undefined,
        () => Promise.reject(new Error('no')),
      ),
      /no/,
    );
    assert.deepEqual(listeners(), before);
  });
});
