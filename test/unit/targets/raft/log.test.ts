/** The log in memory, against the simplest model of it: a list from which a prefix is taken away. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RaftLog, type Entry } from '../../../../targets/raft/log.ts';
import { ofVoters } from '../../../../targets/raft/members.ts';

const MEMBERS = ofVoters(['n1', 'n2', 'n3']);

const entries = (terms: readonly number[]): Entry[] => terms.map((term) => ({ term, command: null }));

describe('raft log', () => {
  it('should answer like a plain list, whatever was written and compacted', () => {
    const step = fc.record({ back: fc.nat(5), count: fc.nat(5), compact: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const log = new RaftLog(MEMBERS);
        const model: number[] = [];
        let base = 0;
        steps.forEach(({ back, count, compact }, term) => {
          const from = Math.max(base, model.length - back);
          const terms = Array.from({ length: count }, () => term);
          model.splice(from, Infinity, ...terms);
          log.write(from + 1, entries(terms));
          base = Math.min(model.length, base + compact);
          log.compact(base);
          assert.equal(log.baseIndex, base);
          assert.equal(log.lastIndex, model.length);
          assert.equal(log.lastTerm, model.at(-1) ?? 0);
          assert.deepEqual(
            log.slice(base + 1).map((entry) => entry.term),
            model.slice(base),
          );
          for (let index = Math.max(base, 1); index <= model.length; index++) {
            assert.equal(log.termAt(index), model[index - 1]);
          }
          assert.equal(log.termAt(model.length + 1), undefined);
        });
      }),
    );
  });

  it('should find the ends of a term, as far as it still has it', () => {
    const log = new RaftLog(MEMBERS);
    log.write(1, entries([1, 1, 3, 3, 3]));
    assert.equal(log.firstIndexOfTermAt(5), 3);
    assert.equal(log.lastIndexOfTerm(1), 2);
    assert.equal(log.lastIndexOfTerm(2), undefined);
    log.compact(3);
    assert.equal(log.firstIndexOfTermAt(5), 4);
    assert.equal(log.lastIndexOfTerm(1), undefined);
    assert.equal(log.lastIndexOfTerm(3), 5);
  });

  it('should refuse to write a gap, or below its base', () => {
    const log = new RaftLog(MEMBERS);
    log.write(1, entries([1, 1, 1]));
    log.compact(2);
    assert.throws(() => log.write(2, []), RangeError);
    assert.throws(() => log.write(5, []), RangeError);
    assert.throws(() => log.entryAt(2), RangeError);
    log.write(4, entries([2]));
    assert.equal(log.entryAt(4).term, 2);
  });
});
