/**
 * Porcupine's own histories: etcd under Jepsen, and key-value logs. Each gets the verdict that Porcupine gives.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { checkFile } from '../../harness/cli/check-file.ts';
import { describeCorpus, expectedRows } from './corpus.ts';
import { Slowest } from './slowest.ts';

async function checkAll(directory: string, models: readonly string[]): Promise<void> {
  const rows = expectedRows('porcupine').filter(({ model = '' }) => models.includes(model));
  assert.ok(rows.length > 0);
  const slowest = new Slowest();
  for (const { file = '', model, linearizable } of rows) {
    const key = model === 'kv-nopartition' ? 'none' : 'field';
    const { result } = await checkFile(join(directory, 'porcupine', file), { key });
    assert.equal(String(result.valid), linearizable, `${file} ${model ?? ''}`);
    slowest.add(`${file} ${model ?? ''}`, result.tookMs);
  }
  slowest.print();
}

describeCorpus('porcupine', {
  'should decide every etcd log as recorded': (directory) => checkAll(directory, ['etcd']),
  'should decide every key-value log as recorded, split by key and whole': (directory) =>
    checkAll(directory, ['kv', 'kv-nopartition']),
});
