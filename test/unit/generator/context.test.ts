/** The state of threads. */
import assert from 'node:assert/strict';
import { HarnessError, UsageError } from '../../../harness/errors.ts';
import { Workers } from '../../../harness/generator/index.ts';

describe('workers', () => {
  it('should know which threads are idle', () => {
    const workers = new Workers(2, 'seed');
    assert.deepEqual(workers.at(5).free, [0, 1, 'nemesis']);
    workers.occupy(0);
    workers.occupy('nemesis');
    assert.deepEqual(workers.at(5).free, [1]);
    assert.deepEqual(workers.at(5).threads, [0, 1, 'nemesis']);
    workers.release(0);
    assert.deepEqual(workers.at(5).free, [0, 1]);
  });

  it('should leave a context as it was when threads change', () => {
    const workers = new Workers(1, 'seed');
    const context = workers.at(0);
    workers.occupy(0);
    assert.deepEqual(context.free, [0, 'nemesis']);
  });

  it('should never use the number of a retired process again', () => {
    const workers = new Workers(3, 'seed');
    assert.deepEqual([workers.retire(1), workers.retire(1), workers.retire(0)], [4, 7, 3]);
    assert.deepEqual(
      [0, 1, 2].map((thread) => workers.at(0).processOf(thread)),
      [3, 7, 2],
    );
    assert.equal(workers.retire('nemesis'), 'nemesis');
  });

  it('should draw by the number of operations taken', () => {
    const workers = new Workers(2, 'seed');
    const first = workers.at(0).random.next();
    assert.equal(workers.at(9).random.next(), first);
    workers.occupy(0);
    const second = workers.at(9).random.next();
    assert.notEqual(second, first);
    workers.release(0);
    assert.equal(workers.at(10).random.next(), second);
    assert.notEqual(new Workers(2, 'other').at(0).random.next(), first);
  });

  it('should refuse what cannot be', () => {
    const workers = new Workers(1, 'seed');
    workers.occupy(0);
    assert.throws(() => workers.occupy(0), HarnessError);
    workers.release(0);
    assert.throws(() => workers.release(0), HarnessError);
    assert.throws(() => workers.processOf(7), /There is no thread 7/);
    assert.throws(() => new Workers(0, 'seed'), UsageError);
  });
});
