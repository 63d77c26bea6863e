/**
 * Knossos's histories: registers, multi-registers and mutexes. Each gets the recorded verdict.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { checkFile } from '../../harness/cli/check-file.ts';
import type { Json } from '../../harness/json.ts';
import { describeCorpus, expectedRows } from './corpus.ts';
import { Slowest } from './slowest.ts';

/** A first state as expected.tsv writes it: JSON, or a word. */
const stateOf = (text: string): Json => (/^[a-z]/.test(text) ? text : (JSON.parse(text) as Json));

describeCorpus('knossos', {
  'should decide every history as recorded': async (directory) => {
    const rows = expectedRows('knossos');
    assert.ok(rows.length > 0);
    const slowest = new Slowest();
    for (const { file = '', model, init = '', expected_linearizable: expected } of rows) {
      const { result } = await checkFile(join(directory, 'knossos', file), { model, init: stateOf(init) });
      assert.equal(String(result.valid), expected, file);
      slowest.add(file, result.tookMs);
    }
    slowest.print();
  },
});
