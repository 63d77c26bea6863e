/** The part of a trace that a page carries. */
import assert from 'node:assert/strict';
import type { TraceEntry } from '../../../../harness/run/trace.ts';
import { html } from '../../../../reports/html/report.ts';
import { tracePart } from '../../../../reports/html/trace.ts';
import { sampleRecord } from '../../../fixtures/run-record.ts';

const calm = sampleRecord({ valid: true, operations: 50 });
/** A run without a problem, with this trace. */
const passed = (trace: readonly TraceEntry[]) => ({
  ...calm,
  results: { ...calm.results, checks: [] },
  trace,
});
/** A run whose first problem begins at that time, with this trace. */
function failedAt(time: number, trace: readonly TraceEntry[]) {
  const record = sampleRecord({ valid: false, operations: 50 });
  const [check = assert.fail()] = record.results.checks;
  const problem = { title: 'Wrong', explanation: 'It is.', window: [time, time + 5] as const };
  return { ...record, results: { ...record.results, checks: [{ ...check, problems: [problem] }] }, trace };
}

const send = (time: number, id: number): TraceEntry => ({
  time,
  what: 'send',
  id,
  from: 'n1',
  to: 'n2',
  message: { type: 'vote', term: id },
});
const timers = (from: number, count: number): TraceEntry[] =>
  Array.from({ length: count }, (_, place) => ({ time: from + place, what: 'timer', node: 'n1' }));

describe('the part of a trace on the page', () => {
  it('should be absent without a trace', () => {
    assert.equal(tracePart(calm), undefined);
  });

  it('should make one thing of a message and what became of it', () => {
    const part = tracePart(
      passed([
        send(10, 0),
        send(11, 1),
        send(12, 2),
        { time: 20, what: 'drop', id: 1, from: 'n1', to: 'n2', why: 'cut' },
        { time: 30, what: 'deliver', id: 0, from: 'n1', to: 'n2' },
      ]),
    );
    const message = (term: number) => ({
      kind: 'message',
      node: 'n1',
      to: 'n2',
      type: 'vote',
      content: { type: 'vote', term },
    });
    assert.deepEqual(part?.items, [
      { ...message(0), time: 10, end: 30, fate: 'delivered' },
      { ...message(1), time: 11, end: 20, fate: 'cut' },
      { ...message(2), time: 12 },
    ]);
    assert.deepEqual([part.from, part.to, part.omitted], [10, 30, 0]);
  });

  it("should leave out the harness's own probes, and nothing else", () => {
    const request = (path: string): TraceEntry => ({
      time: 1,
      what: 'request',
      id: 0,
      node: 'n1',
      path,
      body: {},
    });
    const reply = (path: string): TraceEntry => ({
      time: 2,
      what: 'reply',
      id: 0,
      node: 'n1',
      path,
      kind: 'refused',
      answer: 'no',
    });
    const part = tracePart(passed([request('_/health'), reply('_/health'), request('read'), reply('read')]));
    assert.deepEqual(
      part?.items.map(({ kind, type, fate, content }) => [kind, type, fate, content]),
      [
        ['request', 'read', undefined, {}],
        ['reply', 'read', 'refused', 'no'],
      ],
    );
  });

  it('should carry everything else a node does', () => {
    const part = tracePart(
      passed([
        { time: 1, what: 'life', node: 'n1', change: 'down', reason: 'it was killed' },
        { time: 2, what: 'disk', node: 'n1', action: 'sync', file: 'log', bytes: 9 },
        { time: 3, what: 'state', node: 'n1', status: { role: 'leader', epoch: 4 } },
        { time: 4, what: 'timer', node: 'n1' },
      ]),
    );
    assert.deepEqual(
      part?.items.map(({ kind, type, content }) => [kind, type, content]),
      [
        ['life', 'down', 'it was killed'],
        ['disk', 'sync', { file: 'log', bytes: 9 }],
        ['state', 'leader', { role: 'leader', epoch: 4 }],
        ['timer', 'timer', null],
      ],
    );
  });

  it('should keep the beginning of a long trace where there is no problem', () => {
    const part = tracePart(passed(timers(0, 25)), 10);
    assert.deepEqual([part?.from, part?.to, part?.items.length, part?.omitted], [0, 9, 10, 15]);
  });

  it('should keep what is around the first problem, and what each node was before', () => {
    const trace: TraceEntry[] = [
      { time: -3, what: 'life', node: 'n1', change: 'up' },
      { time: -2, what: 'state', node: 'n1', status: { role: 'leader' } },
      { time: -1, what: 'life', node: 'n2', change: 'pause' },
      ...timers(0, 1000),
    ];
    const part = tracePart(failedAt(500, trace), 100);
    assert.ok(part !== undefined);
    const own = part.items.filter(({ kind }) => kind === 'timer');
    assert.ok(own.length <= 100 && own.length > 80, String(own.length));
    assert.ok(part.from < 480 && part.from > 400 && part.to > 520, `${part.from} to ${part.to}`);
    assert.equal(own.length + part.omitted, 1003);
    assert.deepEqual(
      part.items.slice(0, 3).map(({ kind, node, type }) => [kind, node, type]),
      [
        ['life', 'n1', 'up'],
        ['state', 'n1', 'leader'],
        ['life', 'n2', 'pause'],
      ],
    );
  });

  it('should be a section of the page, and of no other', async () => {
    const [traced, plain] = [await html.render(passed([send(1, 0)])), await html.render(calm)];
    for (const mark of ['<section id="messages"', 'href="#messages"', 'id="kind-message"']) {
      assert.ok(traced.includes(mark), mark);
      assert.ok(!plain.includes(mark), mark);
    }
    assert.match(traced, /1 things that happened/);
  });

  it('should say how much is missing', async () => {
    const page = await html.render(passed(timers(0, 100_007)));
    assert.match(page, /100,000 things that happened/);
    assert.match(
      page,
      /7 more things happened too far from the first problem for this page; trace\.jsonl has all/,
    );
  });
});
