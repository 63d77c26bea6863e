/** Two entries and a helper for tests of readers. */
import assert from 'node:assert/strict';
import { messageOf, UsageError } from '../../../harness/errors.ts';
import { parseHistory, type ReadOptions } from '../../../harness/history/read.ts';

export const invocation = '{"index":0,"time":5,"process":0,"type":"invoke","f":"write","value":7}';
export const completion = '{"index":1,"time":9,"process":0,"type":"ok","f":"write","value":7}';

/** Lines of history.jsonl. */
export function jsonl(...lines: string[]): string {
  return `${lines.join('\n')}\n`;
}

/** What is said of a malformed text named h; 'accepted' if nothing is. */
export function refusal(text: string, options: ReadOptions = {}): string {
  try {
    parseHistory(text, 'h', options);
  } catch (error) {
    assert.ok(error instanceof UsageError, `not a UsageError: ${messageOf(error)}`);
    return error.message;
  }
  return 'accepted';
}
