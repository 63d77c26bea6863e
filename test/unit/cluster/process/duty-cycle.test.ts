/** Turns of a process that gets a share of a processor, with nobody to signal to. */
import assert from 'node:assert/strict';
import { DutyCycle } from '../../../../harness/cluster/process/duty-cycle.ts';
import { sleep } from '../../../../harness/time.ts';

describe('duty cycle', () => {
  for (const share of [0.2, 0.6]) {
    it(`should let a process run ${share} of the time, and leave it alone afterwards`, async () => {
      const signals: string[] = [];
      let ranMs = 0;
      let since = performance.now();
      const begun = since;
      const cycle = new DutyCycle(share, (signal) => {
        const now = performance.now();
        if (signal === 'SIGSTOP') ranMs += now - since;
        since = now;
        signals.push(signal);
      });
      while (signals.length < 10) await sleep(5);
      cycle.end();
      const had = ranMs / (since - begun);
      assert.ok(Math.abs(had - share) < 0.15, `it had ${had}`);
      assert.deepEqual(signals.slice(0, 4), ['SIGSTOP', 'SIGCONT', 'SIGSTOP', 'SIGCONT']);
      await sleep(120);
      assert.equal(signals.length, 10);
    });
  }
});
