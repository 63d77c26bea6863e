/**
 * Checking while the history grows: the same verdicts as the oracle's, at the right moment, in little memory.
 */
import assert from 'node:assert/strict';
import { OnlineLinearizability } from '../../../../checkers/linearizable/online.ts';
import { models } from '../../../../checkers/index.ts';
import type { Violation } from '../../../../harness/history/checker.ts';
import type { History } from '../../../../harness/history/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { createRandom } from '../../../../harness/random.ts';
import { randomHistory } from '../../../fuzz/random-history.ts';
import { alone, history, type Entry } from '../histories.ts';
import { isLinearizable } from './oracle.ts';
import { SUBJECTS } from './subjects.ts';

const HISTORIES_EACH = 600;

/** Feeds the history; the answer is the violation, and after how many entries it was told. */
function follow(
  entries: History,
  online: OnlineLinearizability,
): { readonly violation: Violation | undefined; readonly toldAfter: number } {
  for (const [place, entry] of entries.entries()) {
    const violation = online.add(entry);
    if (violation !== undefined) return { violation, toldAfter: place + 1 };
  }
  return { violation: online.finish(), toldAfter: entries.length };
}

const register = (init: Json = 0): OnlineLinearizability =>
  new OnlineLinearizability({ model: models.register, init });

describe('online linearizability', () => {
  for (const [name, { model, product = model, init }] of Object.entries(SUBJECTS)) {
    it(`should agree with the oracle on ${HISTORIES_EACH} histories of ${name}`, () => {
      let [found, inexact] = [0, 0];
      for (let number = 0; number < HISTORIES_EACH; number++) {
        const recorded = randomHistory(
          SUBJECTS[name] ?? assert.fail(),
          createRandom(`online ${name} ${number}`),
        );
        const online = new OnlineLinearizability({ model, init, split: product !== model });
        const { violation } = follow(recorded, online);
        const expected = isLinearizable(recorded, product, init);
        if (violation === undefined && !online.isExact) inexact++;
        else assert.equal(violation === undefined, expected, JSON.stringify(recorded));
        if (violation === undefined) continue;
        found++;
        // What had been invoked by then has no order, whatever came later.
        const concerned = new Set(recorded.slice(0, violation.index).map(({ process }) => process));
        const shown = recorded.filter(
          ({ index, process }) => index <= violation.index || concerned.has(process),
        );
        assert.ok(!isLinearizable(withoutLaterCalls(shown, violation.index), product, init));
      }
      assert.ok(found > HISTORIES_EACH / 20, `only ${found} violations`);
      assert.ok(inexact < HISTORIES_EACH / 50, `${inexact} are not known exactly`);
    });
  }

  it('should tell a stale read as soon as all that was open at its invocation has ended', () => {
    const stale: Entry[] = [
      ...alone(0, 'write', 1),
      [1, 'invoke', 'write', 2],
      ...alone(0, 'read', null, 0),
      [1, 'ok', 'write', 2],
      ...alone(0, 'write', 3),
    ];
    assert.deepEqual(follow(history(...stale), register()), { violation: { index: 4 }, toldAfter: 6 });
    const fresh = stale.map((entry) =>
      entry[2] === 'read' && entry[1] === 'ok' ? [0, 'ok', 'read', 1] : entry,
    );
    assert.equal(follow(history(...(fresh as Entry[])), register()).violation, undefined);
  });

  it('should follow each key by itself, and name the one that is wrong', () => {
    const on = (key: Json, entries: readonly Entry[]): Entry[] =>
      entries.map(([process, type, f, value = null]) => [process, type, f, value, { key }]);
    const entries = [...on('x', alone(0, 'write', 1)), ...on('y', alone(0, 'read', null, 1))];
    const violation = follow(history(...entries), register()).violation;
    assert.deepEqual(violation, { index: 3, key: 'y' });
    const online = new OnlineLinearizability({ model: models.register, init: 0, split: false });
    assert.equal(follow(history(...entries), online).violation, undefined);
  });

  it('should let a crashed write take effect later, also after its key has rested', () => {
    const crashed: Entry[] = [
      [0, 'invoke', 'write', 1, { key: 0 }],
      [0, 'info', 'write', 1, { key: 0 }],
    ];
    const others = Array.from({ length: 600 }, (_, key) =>
      alone(1, 'write', 7).map((entry) => keyed(entry, key + 1)),
    );
    const reads = (value: Json): Entry[] => alone(1, 'read', null, value).map((entry) => keyed(entry, 0));
    const seen = history(...crashed, ...others.flat(), ...reads(0), ...others.flat(), ...reads(1));
    assert.equal(follow(seen, register()).violation, undefined);
    const unseen = history(...crashed, ...others.flat(), ...reads(1), ...others.flat(), ...reads(0));
    assert.deepEqual(follow(unseen, register()).violation, { index: unseen.length - 1, key: 0 });
  });

  it('should hold more calls open at once than a mask has bits', () => {
    const clients = 70;
    const invoked = Array.from({ length: clients }, (_, client): Entry => [
      client,
      'invoke',
      'write',
      client + 1,
    ]);
    const returned = Array.from({ length: clients }, (_, client): Entry => [
      client,
      'ok',
      'write',
      client + 1,
    ]);
    const read = (value: Json): Entry[] => alone(99, 'read', null, value);
    assert.equal(follow(history(...invoked, ...returned, ...read(35)), register()).violation, undefined);
    const garbage = history(...invoked, ...returned, ...read(71));
    assert.deepEqual(follow(garbage, register()).violation, { index: garbage.length - 1 });
  });

  it('should say that it is not exact when crashed calls are too many to be counted, and still find what is wrong', () => {
    // Every way from value to value once, and reads that need one after another of them: ever more ways to have come there.
    const values = [0, 1, 2, 3, 4, 5, 6];
    const ways = values.flatMap((from) => values.filter((to) => to !== from).map((to): Json => [from, to]));
    const crashes = ways.map((way, client): Entry[] => [
      [client, 'invoke', 'cas', way],
      [client, 'info', 'cas', way],
    ]);
    const reads = [1, 2, 3, 4, 5, 6, 0, 2, 4, 6].map((value) => alone(90, 'read', null, value));
    const start = (): OnlineLinearizability =>
      new OnlineLinearizability({ model: models['cas-register'], init: 0 });
    const online = start();
    assert.equal(follow(history(...crashes.flat(), ...reads.flat()), online).violation, undefined);
    assert.equal(online.isExact, false);
    const wrong = history(...crashes.flat(), ...reads.flat(), ...alone(90, 'read', null, 7));
    assert.deepEqual(follow(wrong, start()).violation, { index: wrong.length - 1 });
  });
});

/** Without calls that were invoked after this entry. */
function withoutLaterCalls(entries: History, index: number): History {
  const later = new Set<unknown>();
  return entries.filter(({ process, type, index: at }) => {
    if (type === 'invoke' && at > index) later.add(process);
    return !(at > index && later.has(process));
  });
}

function keyed([process, type, f, value = null]: Entry, key: Json): Entry {
  return [process, type, f, value, { key }];
}
