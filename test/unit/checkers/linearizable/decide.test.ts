/** Who decides: a monitor where one applies, else searches that take turns, within their limits. */
import assert from 'node:assert/strict';
import { defineModel, models, type Algorithm, type Model } from '../../../../checkers/index.ts';
import { Decider, type DecideOptions } from '../../../../checkers/linearizable/decide.ts';
import { recordCalls } from '../../../../checkers/linearizable/record.ts';
import type { Reduction } from '../../../../checkers/linearizable/search.ts';
import { oneOf } from '../../../../checkers/models/model.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';

const LIMITS = { remainingMs: () => 5000, memoryBytes: 2 ** 28 };

function decided(model: Model, entries: readonly Entry[], options: Partial<DecideOptions> = {}) {
  const decider = new Decider({ model, init: undefined });
  const all: DecideOptions = { ...LIMITS, algorithm: 'auto', without: new Set<Reduction>(), ...options };
  return decider.decide(recordCalls(history(...entries)), all);
}

/** Who decided, and what. */
function verdict(model: Model, entries: readonly Entry[], algorithm: Algorithm): readonly [string, unknown] {
  const found = decided(model, entries, { algorithm });
  if (found.kind === 'nobody') return ['nobody', found.why];
  return [found.by, found.kind === 'monitor' ? found.verdict.valid : found.decision];
}

const good = [...alone(0, 'write', 1), ...alone(1, 'read', null, 1)];
const bad = [...alone(0, 'write', 1), ...alone(1, 'read', null, 2)];
/** A register without anything declared. */
const plain = defineModel<Json>({
  name: 'plain',
  summary: 'a register',
  operations: { read: 'gives the value', write: 'sets it' },
  init: () => null,
  step: (held, { f, argument, result }) => {
    if (f === 'write') return argument;
    return result === undefined || result === held ? held : undefined;
  },
});
/** Every order of what was appended is another state. */
const log = defineModel<string>({
  name: 'log',
  summary: 'a text that is appended to',
  operations: { append: 'adds', read: 'gives it' },
  init: () => '',
  step: (text, { f, argument, result }) => {
    if (f === 'append') return `${text}${JSON.stringify(argument)},`;
    return result === text ? text : undefined;
  },
});
const appends = (count: number, read: string): Entry[] => [
  ...Array.from({ length: count }, (_, process): Entry => [process, 'invoke', 'append', process]),
  ...Array.from({ length: count }, (_, process): Entry => [process, 'ok', 'append', process]),
  ...alone(count, 'read', null, read),
];

describe('Decider', () => {
  it('should ask the monitors first', () => {
    const [by, valid] = verdict(models.register, good, 'auto');
    assert.match(by, /^register-/);
    assert.equal(valid, true);
    assert.deepEqual(verdict(models.register, bad, 'auto'), [by, false]);
    assert.deepEqual(verdict(models.register, good, 'monitor'), [by, true]);
  });

  it('should search by the algorithm that is asked for', () => {
    for (const algorithm of ['frontier', 'stream', 'wgl'] as const) {
      assert.deepEqual(verdict(models.register, good, algorithm), [algorithm, 'linearizable']);
      assert.deepEqual(verdict(models.register, bad, algorithm), [algorithm, 'not-linearizable']);
    }
    assert.deepEqual(verdict(plain, good, 'auto'), ['frontier', 'linearizable']);
    assert.deepEqual(verdict(plain, bad, 'auto'), ['frontier', 'not-linearizable']);
  });

  it('should say why no monitor decides where only these are allowed', () => {
    const [who, why] = verdict(plain, good, 'monitor');
    assert.equal(who, 'nobody');
    assert.match(String(why), /no monitor applies .*the model plain has none/);
    const again = [...alone(0, 'write', 1), ...alone(0, 'write', 2), ...alone(0, 'write', 1)];
    const [nobody, because] = verdict(models.register, again, 'monitor');
    if (nobody === 'nobody') assert.match(String(because), /no monitor applies \(register-/);
    else assert.equal(because, true);
  });

  it('should relax first where operations crashed, and be told when not to', () => {
    const crashed: Entry[] = [[9, 'invoke', 'write', 7]];
    const found = decided(plain, [...crashed, ...bad], { algorithm: 'frontier' });
    assert.deepEqual([found.kind === 'search' && found.by], ['frontier (crashes relaxed)']);
    const without = new Set<Reduction>(['relaxation']);
    const exact = decided(plain, [...crashed, ...bad], { algorithm: 'frontier', without });
    assert.deepEqual([exact.kind === 'search' && exact.by], ['frontier']);
  });

  it('should not relax before a crashed operation is open', () => {
    const crashed: Entry[] = [[9, 'invoke', 'write', 7]];
    for (const [entries, decision] of [
      [[...good, ...crashed], 'linearizable'],
      [[...bad, ...crashed, ...good], 'not-linearizable'],
    ] as const) {
      assert.deepEqual(verdict(plain, entries, 'frontier'), ['frontier', decision]);
    }
    assert.deepEqual(verdict(plain, [...crashed, ...good], 'frontier'), [
      'frontier (crashes relaxed)',
      'linearizable',
    ]);
  });

  it('should go on exactly where the relaxed pass cannot decide', () => {
    const reads = (crashes: number): Entry[] => [
      ...Array.from({ length: crashes }, (_, process): Entry => [9 + process, 'invoke', 'write', 7]),
      ...[1, 2].flatMap((value) => [...alone(0, 'write', value), ...alone(1, 'read', null, 7)]),
    ];
    for (const algorithm of ['frontier', 'stream'] as const) {
      assert.deepEqual(verdict(plain, reads(1), algorithm), [algorithm, 'not-linearizable']);
      const relaxed = `${algorithm} (crashes relaxed)`;
      assert.deepEqual(verdict(plain, reads(2), algorithm), [relaxed, 'linearizable']);
    }
  });

  it('should give up at a limit, and say at which', () => {
    const hard = appends(12, 'no such text');
    for (const algorithm of ['auto', 'frontier', 'stream', 'wgl'] as const) {
      const begun = performance.now();
      const remainingMs = (): number => begun + 100 - performance.now();
      const late = decided(log, hard, { algorithm, remainingMs });
      assert.equal(late.kind === 'search' && late.decision, 'deadline');
      assert.ok(performance.now() - begun < 400, `${algorithm}: ${performance.now() - begun} ms`);
      const large = decided(log, hard, { algorithm, memoryBytes: 2 ** 18 });
      assert.equal(large.kind === 'search' && large.decision, 'memory');
      const small = decided(log, appends(3, 'no such text'), { algorithm, memoryBytes: 2 ** 18 });
      assert.equal(small.kind === 'search' && small.decision, 'not-linearizable');
    }
  });

  it('should know whether calls fail, or that it does not know', () => {
    const fails = (model: Model, entries: readonly Entry[], memoryBytes = LIMITS.memoryBytes) =>
      new Decider({ model, init: undefined }).fails(recordCalls(history(...entries)), {
        ...LIMITS,
        memoryBytes,
      });
    for (const model of [models.register, plain])
      assert.deepEqual([fails(model, good), fails(model, bad)], [false, true]);
    assert.equal(fails(log, appends(12, 'no such text'), 2 ** 18), undefined);
  });

  it('should find an order through states of which one of several is possible', () => {
    const coin = defineModel<Json>({
      name: 'coin',
      summary: 'a coin',
      operations: { flip: 'flips', look: 'looks' },
      init: () => 0,
      step: (side, { f, result }) => {
        if (f === 'flip') return oneOf<Json>([0, 1]);
        return result === side ? side : undefined;
      },
    });
    const looks = (...sides: number[]): Entry[] => [
      ...alone(0, 'flip', null),
      ...sides.flatMap((side) => alone(0, 'look', null, side)),
    ];
    for (const algorithm of ['frontier', 'stream', 'wgl'] as const) {
      assert.equal(verdict(coin, looks(1, 1), algorithm)[1], 'linearizable');
      assert.equal(verdict(coin, looks(0, 0), algorithm)[1], 'linearizable');
      assert.equal(verdict(coin, looks(1, 0), algorithm)[1], 'not-linearizable');
      assert.equal(verdict(coin, looks(2), algorithm)[1], 'not-linearizable');
    }
  });
});
