/** Columns: whatever goes in comes out. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Operation } from '../../../../../harness/history/operation.ts';
import type { Json } from '../../../../../harness/json.ts';
import {
  packHistory,
  packLogs,
  packTrace,
  unpackHistory,
  unpackLogs,
  unpackTrace,
  type LogLine,
  type TraceColumns,
} from '../../../../../reports/html/page/columns.ts';
import type { TraceItem } from '../../../../../reports/html/page/trace-items.ts';
import { sampleRecord } from '../../../../fixtures/run-record.ts';

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const operation: fc.Arbitrary<Operation> = fc.record(
  {
    index: fc.nat(),
    time: fc.nat(Number.MAX_SAFE_INTEGER),
    process: fc.oneof(fc.nat(), fc.constant('nemesis' as const)),
    type: fc.constantFrom('invoke', 'ok', 'fail', 'info'),
    f: fc.string(),
    value: json,
    key: json,
    error: json,
    node: fc.string(),
  },
  { requiredKeys: ['index', 'time', 'process', 'type', 'f', 'value'], noNullPrototype: true },
);

describe('columns of the page', () => {
  it('should give back the history that was packed, through JSON', () => {
    fc.assert(
      fc.property(fc.array(operation), (history) => {
        const packed = JSON.parse(JSON.stringify(packHistory(history))) as ReturnType<typeof packHistory>;
        assert.deepEqual(unpackHistory(packed), history);
      }),
    );
  });

  it('should give back the log lines that were packed', () => {
    const lines: LogLine[] = [
      { node: 'n1', ms: -3.5, level: 'info', event: 'started', fields: {} },
      { node: 'n2', ms: 10, level: 'error', event: 'x', fields: { a: [1, { b: null }] } },
      { node: 'n1', ms: 9, level: 'debug', event: 'started', fields: { a: [1, { b: null }] } },
    ];
    assert.deepEqual(unpackLogs(packLogs(lines)), lines);
  });

  it('should give back the items of a trace that were packed', () => {
    const items: TraceItem[] = [
      { kind: 'life', time: -50, node: 'n1', type: 'up', content: null },
      { kind: 'message', time: 3, node: 'n1', to: 'n2', end: 3, fate: 'cut', type: 'a', content: { a: [1] } },
      { kind: 'message', time: 5, node: 'n2', to: 'n1', type: 'a', content: { a: [1] } },
    ];
    assert.deepEqual(unpackTrace(JSON.parse(JSON.stringify(packTrace(items))) as TraceColumns), items);
  });

  it('should be less than half as long as the rows', () => {
    const { history } = sampleRecord({ valid: true, operations: 5000 });
    assert(JSON.stringify(packHistory(history)).length < JSON.stringify(history).length / 2);
  });
});
