/** Items of a trace: found by time, filtered, put into words; and what they make of a node's lane. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isLeading, spansOf } from '../../../../../reports/html/page/node-spans.ts';
import {
  isLost,
  messageType,
  passesTrace,
  stretchFrom,
  stretchTo,
  TraceItems,
  type TraceFilter,
  type TraceItem,
} from '../../../../../reports/html/page/trace-items.ts';
import {
  contentWords,
  fateWords,
  itemWords,
  traceTip,
} from '../../../../../reports/html/page/trace-words.ts';

const at = (time: number, more: Partial<TraceItem> = {}): TraceItem => ({
  kind: 'timer',
  time,
  node: 'n1',
  type: 'timer',
  content: null,
  ...more,
});
const message = (time: number, more: Partial<TraceItem> = {}): TraceItem =>
  at(time, { kind: 'message', to: 'n2', type: 'vote', content: { type: 'vote', term: 3 }, ...more });

describe('items of a trace', () => {
  it('should be found by time, messages as long as they are on their way', () => {
    const stretch = fc.tuple(fc.nat(100), fc.option(fc.nat(30), { freq: 9 }));
    fc.assert(
      fc.property(fc.array(stretch), fc.nat(100), fc.nat(50), (stretches, from, length) => {
        const all = stretches
          .map(([time, took]) => message(time, took === null ? {} : { end: time + took }))
          .sort((a, b) => a.time - b.time);
        const found = new TraceItems(all).during(from, from + length);
        const expected = all.filter(({ time, end = Infinity }) => time <= from + length && end >= from);
        assert.deepEqual(found, expected);
      }),
    );
  });

  it('should name a message by what it says of itself', () => {
    assert.equal(messageType({ type: 'vote', kind: 'x' }), 'vote');
    assert.equal(messageType({ kind: 'x' }), 'x');
    assert.equal(messageType('ping'), 'ping');
    for (const message of [{ type: 3 }, [1], null, 7]) assert.equal(messageType(message), 'message');
  });

  it('should pass a filter that fits, and no other', () => {
    const item = message(5, { end: 6, fate: 'cut' });
    const all: TraceFilter = { kinds: new Set(['message']) };
    const fitting: TraceFilter[] = [
      all,
      { ...all, node: 'n1' },
      { ...all, node: 'n2' },
      { ...all, type: 'vote' },
      { ...all, text: 'term":3' },
    ];
    const others: TraceFilter[] = [
      { kinds: new Set(['timer']) },
      { ...all, node: 'n3' },
      { ...all, type: 'ping' },
      { ...all, text: 'term":4' },
    ];
    assert.deepEqual(
      [...fitting, ...others].map((filter) => passesTrace(filter, item)),
      [...fitting.map(() => true), ...others.map(() => false)],
    );
  });

  it('should give a stretch of time that shows neither too little nor too much', () => {
    const items = new TraceItems(Array.from({ length: 100 }, (_, time) => at(time)));
    const limits = { least: 5, most: 10 };
    assert.deepEqual(stretchTo(items, [20, 27], limits), [20, 27]);
    assert.deepEqual(stretchTo(items, [20, 60], limits), [51, 60]);
    assert.deepEqual(stretchTo(items, [59, 60], limits), [56, 60]);
    assert.deepEqual(stretchTo(items, [1, 2], limits), [0, 2]);
    assert.deepEqual(stretchFrom(items, 20, 10), [20, 29]);
    assert.deepEqual(stretchFrom(items, 95, 10), [95, 99]);
    assert.deepEqual(stretchFrom(new TraceItems([]), 7, 10), [7, 7]);
  });

  it('should say what became of a message', () => {
    assert.equal(fateWords(message(0, { end: 1_200_000, fate: 'delivered' })), 'arrived after 1.2 ms');
    assert.equal(fateWords(message(0, { end: 0, fate: 'cut' })), 'lost after 0 µs: the link was cut');
    assert.equal(fateWords(message(0)), 'still on its way at the end');
    assert.deepEqual(
      [isLost(message(0, { fate: 'cut' })), isLost(message(0, { fate: 'delivered' }))],
      [true, false],
    );
    assert.deepEqual([isLost(message(0)), isLost(at(0, { kind: 'reply', fate: 'refused' }))], [false, false]);
  });

  it('should be told in a line', () => {
    assert.equal(
      traceTip(message(0, { end: 1e6, fate: 'delivered' })),
      'vote n1 → n2 · arrived after 1.0 ms · term 3',
    );
    assert.equal(itemWords(at(0, { kind: 'reply', type: 'read' })), 'answer to read from n1');
    assert.equal(
      contentWords({ type: 'x', entries: [1, 2], deep: { a: 1 }, none: null }),
      'entries [2], deep {…}, none –',
    );
    assert.equal(contentWords('x'.repeat(500)).length, 110);
  });
});

describe("a node's lane", () => {
  const life = (time: number, type: string, node = 'n1'): TraceItem => at(time, { kind: 'life', type, node });
  const state = (time: number, role: string, epoch: number): TraceItem =>
    at(time, { kind: 'state', type: role, content: { role, epoch, commit: time } });

  it('should show when it was down and when paused', () => {
    const items = [
      life(1, 'boot'),
      life(3, 'up'),
      life(5, 'pause'),
      life(6, 'resume'),
      life(7, 'clock'),
      life(8, 'down'),
      life(9, 'boot'),
      life(12, 'up'),
      life(20, 'pause'),
      life(4, 'resume', 'n2'),
      life(6, 'down', 'n2'),
    ];
    const spans = spansOf(items, ['n1', 'n2', 'n3'], 30);
    assert.deepEqual(spans.get('n1')?.away, [
      { from: -Infinity, to: 3, what: 'down' },
      { from: 5, to: 6, what: 'paused' },
      { from: 8, to: 12, what: 'down' },
      { from: 20, to: 30, what: 'paused' },
    ]);
    assert.deepEqual(spans.get('n2')?.away, [
      { from: -Infinity, to: 4, what: 'paused' },
      { from: 6, to: 30, what: 'down' },
    ]);
    assert.deepEqual(spans.get('n3'), { away: [], roles: [] });
  });

  it('should show what the node said that it was, until it said otherwise or died', () => {
    const items = [
      state(1, 'follower', 1),
      state(2, 'follower', 1),
      state(3, 'leader', 2),
      life(5, 'down'),
      life(6, 'up'),
      state(7, 'follower', 2),
    ];
    const roles = spansOf(items, ['n1'], 9).get('n1')?.roles ?? [];
    assert.deepEqual(roles, [
      { from: 1, to: 3, what: 'follower', epoch: 1 },
      { from: 3, to: 5, what: 'leader', epoch: 2 },
      { from: 7, to: 9, what: 'follower', epoch: 2 },
    ]);
    assert.deepEqual(roles.map(isLeading), [false, true, false]);
  });
});
