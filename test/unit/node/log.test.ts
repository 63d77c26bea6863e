/** The node's log. */
import assert from 'node:assert/strict';
import { createLog } from '../../../harness/node/log.ts';

describe('node log', () => {
  const lines: string[] = [];
  const log = createLog('n1', { wall: () => 12, monotonic: () => 0 }, (line) => lines.push(line));

  beforeEach(() => (lines.length = 0));

  it('should write one JSON line an entry, head first', () => {
    log.info('became-leader', { term: 3 });
    assert.deepEqual(lines, ['{"time":12,"level":"info","event":"became-leader","node":"n1","term":3}\n']);
  });

  it('should not let a field pass for the head', () => {
    log.warn('x', { event: 'y', level: 'debug', node: 'n9', time: 0 });
    assert.deepEqual(JSON.parse(lines[0] ?? ''), { time: 12, level: 'warn', event: 'x', node: 'n1' });
  });
});
