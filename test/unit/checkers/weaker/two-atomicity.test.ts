/**
 * 2-atomicity by hand, and against brute force: some order that agrees with real time has every read give one
 * of the two latest values.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defineModel } from '../../../../checkers/models/model.ts';
import { checkTwoAtomicity } from '../../../../checkers/weaker/two-atomicity.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';
import { isLinearizable } from '../linearizable/oracle.ts';
import { INIT, longHistory, registerHistories } from './register-histories.ts';

const check = (...entries: readonly Entry[]) => checkTwoAtomicity(history(...entries));

const read = (process: number, value: Json): Entry[] => alone(process, 'read', null, value);
const writes = (...values: readonly Json[]): Entry[] => values.flatMap((value) => alone(0, 'write', value));

describe('checkTwoAtomicity', () => {
  it('should accept a read that is late by one version and reject one that is late by two', () => {
    assert.equal(check(...writes(1, 2), ...read(1, 1)).valid, true);
    const { valid, keys, summary } = check(...writes(1, 2, 3, 4), ...read(1, 2), ...read(1, 4));
    assert.equal(valid, false);
    assert.deepEqual(
      keys[0]?.conflict.map(({ value }) => value),
      [2, 3, 4],
    );
    assert.match(summary, /Not 2-atomic on 1 of 1 key: .*writes of 2, 3, 4/);
  });

  it('should accept an empty history', () => {
    assert.equal(check().valid, true);
  });

  it('should count the first value as a version', () => {
    assert.equal(check(...writes(1), ...read(1, null)).valid, true);
    assert.equal(check(...writes(1, 2), ...read(1, null)).valid, false);
  });

  it('should not count a crashed write that nobody read', () => {
    const crashed: Entry[] = [
      [5, 'invoke', 'write', 3],
      [5, 'info', 'write', 3],
    ];
    assert.equal(check(...writes(1, 2), ...crashed, ...read(1, 1)).valid, true);
    assert.equal(check(...writes(1, 2), ...crashed, ...read(1, 3), ...read(1, 1)).valid, false);
    assert.equal(check(...writes(1, 2), ...crashed, ...read(1, 1), ...read(1, 3)).valid, true);
  });

  it('should find the two concurrent writes whose order nobody agrees on more than once', () => {
    const concurrent: Entry[] = [
      [0, 'invoke', 'write', 1],
      [1, 'invoke', 'write', 2],
      [0, 'ok', 'write', 1],
      [1, 'ok', 'write', 2],
    ];
    const seesaw = [1, 2, 1, 2].flatMap((value) => read(2, value));
    assert.equal(check(...concurrent, ...seesaw).valid, true);
    assert.equal(check(...concurrent, ...writes(3), ...seesaw).valid, false);
  });

  it('should reject a value that nobody wrote, and not know about one that was written twice', () => {
    const { valid, summary } = check(...writes(1), ...read(1, 9));
    assert.equal(valid, false);
    assert.match(summary, /read → 9 \(index 2\)/);
    assert.equal(check(...writes(1), ...read(1, 1)).valid, true);
    assert.equal(check(...writes(1, 1), ...read(1, 1)).valid, 'unknown');
    assert.equal(check(...alone(0, 'cas', [null, 1])).valid, 'unknown');
  });

  it('should decide 40,000 operations of 20 clients in a moment, valid and with one read late by two', () => {
    const clients = Array.from({ length: 20 }, (_, client) => client);
    const rounds = (lag: number): Entry[] =>
      Array.from({ length: 1000 }, (_, round) => {
        const written = (client: number): number => 20 * round + client;
        const late = (client: number): number => (client === 7 && round === 500 ? lag : client % 2);
        return [
          ...clients.map((client): Entry => [client, 'invoke', 'write', written(client)]),
          ...clients.map((client): Entry => [client, 'ok', 'write', written(client)]),
          ...clients.map((client): Entry => [client, 'invoke', 'read']),
          ...clients.map((client): Entry => [client, 'ok', 'read', written((round + late(client)) % 20)]),
        ];
      }).flat();
    assert.equal(checkTwoAtomicity(longHistory(rounds(1))).valid, true);
    const { valid, keys } = checkTwoAtomicity(longHistory(rounds(2)));
    assert.equal(valid, false);
    assert.equal(keys[0]?.conflict.length, 3);
  });
});

/** A register that remembers two values, of which a read may give either. */
const twoVersions = defineModel<readonly Json[]>({
  name: 'two versions',
  summary: 'reads give the latest value or the one before it',
  operations: { read: 'gives one of the two', write: 'sets the value' },
  init: (value = null) => [value],
  step: (latest, { f, argument, result }) => {
    if (f === 'write') return [argument, ...latest.slice(0, 1)];
    return result === undefined || latest.includes(result) ? latest : undefined;
  },
});

describe('checkTwoAtomicity against brute force', () => {
  const RUNS = 20_000;
  it(`should agree on ${RUNS} histories`, () => {
    const seen = { true: 0, false: 0 };
    const shape = { operationsMax: 11, reads: 6, clients: 3, keys: 1, lags: [0, 1, 1, 2, 2, 3] };
    fc.assert(
      fc.property(registerHistories(shape), (recorded) => {
        const expected = isLinearizable(recorded, twoVersions, INIT);
        assert.equal(checkTwoAtomicity(recorded, { init: INIT }).valid, expected);
        seen[`${expected}`]++;
      }),
      { numRuns: RUNS },
    );
    assert.ok(seen.true > RUNS / 10 && seen.false > RUNS / 10, JSON.stringify(seen));
  });
});
