/**
 * Every model's small concurrent histories, with crashes, failures, duplicate values and lies, checked by every
 * algorithm, with its reductions and without, and by the oracle. They must agree, and both verdicts must come up often.
 * `npm run fuzz` does the same a million times for each algorithm.
 */
import assert from 'node:assert/strict';
import { algorithms } from '../../../../checkers/linearizable/search.ts';
import { compare } from '../../../fuzz/compare.ts';
import { SUBJECTS } from './subjects.ts';

const HISTORIES = 20_000;
/** Of the histories of a subject, how many must have either verdict at least. */
const OFTEN = 0.1;
/** The same in every run, so that a failure is a failure again; the long fuzz draws another each time. */
const SEED = 'test';

const names = Object.keys(SUBJECTS);
const count = Math.ceil(HISTORIES / names.length);

describe('algorithms against the oracle', function () {
  // Seconds in all; a busy machine takes several times as long.
  this.timeout(120_000);

  for (const subject of names) {
    it(`should agree on ${count} histories of ${subject}`, async () => {
      const tallies = await compare({ subject, seed: SEED, first: 0, count, algorithms });
      for (const { algorithm, linearizable, not, undecided, disagreements } of tallies) {
        assert.ok(disagreements.length === 0, disagreements.join('\n'));
        if (undecided > 0) continue;
        const seen = `${algorithm}: ${linearizable} linearizable, ${not} not`;
        assert.ok(Math.min(linearizable, not) >= OFTEN * count, `one verdict hardly came up: ${seen}`);
      }
    });
  }
});
