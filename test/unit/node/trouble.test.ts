/** The troubles of a node as JSON: what is accepted, and that each mistake is named by its field. */
import assert from 'node:assert/strict';
import type { Json } from '../../../harness/json.ts';
import { parseTrouble, type NodeTrouble } from '../../../harness/node/trouble.ts';

describe('trouble of a node', () => {
  it('should read back all that there is', () => {
    const trouble: NodeTrouble = {
      revision: 3,
      disk: { full: true, failing: 0.5, failingOn: ['read', 'sync'], slowMs: 20 },
      clock: { since: 1e12, offsetMs: -5, driftMs: 3, strobe: { offsetMs: 100, everyMs: 10 } },
      busyMs: 7,
      crash: { id: 1, name: 'after-append', passes: 2 },
    };
    assert.deepEqual(parseTrouble(JSON.parse(JSON.stringify(trouble)) as Json), trouble);
    assert.deepEqual(parseTrouble({ revision: 0 }), { revision: 0 });
  });

  for (const [wrong, message] of [
    [7, /^Error: trouble: expected an object, found 7/],
    [{}, /^Error: revision: expected a number from 0, found nothing/],
    [{ revision: 1, disc: {} }, /^Error: disc: expected one of revision, disk, clock, busyMs, crash/],
    [{ revision: 1, disk: true }, /^Error: disk: expected an object/],
    [{ revision: 1, disk: { full: 1 } }, /^Error: disk\.full: expected true or false, found 1/],
    [{ revision: 1, disk: { failing: 2 } }, /^Error: disk\.failing: expected a number from 0 to 1, found 2/],
    [
      { revision: 1, disk: { failingOn: 'read' } },
      /^Error: disk\.failingOn: expected a list of read, write, sync/,
    ],
    [{ revision: 1, disk: { failingOn: ['reed'] } }, /^Error: disk\.failingOn: .*found \["reed"\]/],
    [{ revision: 1, disk: { slow: 3 } }, /^Error: disk\.slow: expected one of full, failing/],
    [{ revision: 1, clock: { offsetMs: 3 } }, /^Error: clock\.since: expected a number, found nothing/],
    [{ revision: 1, clock: { since: 0, strobe: 5 } }, /^Error: clock\.strobe: expected an object/],
    [
      { revision: 1, clock: { since: 0, strobe: { offsetMs: 1, everyMs: 0 } } },
      /^Error: clock\.strobe\.everyMs: expected more than 0/,
    ],
    [{ revision: 1, busyMs: '3' }, /^Error: busyMs: expected a number from 0, found "3"/],
    [{ revision: 1, crash: { id: 1, passes: 1 } }, /^Error: crash\.name: expected a text, found nothing/],
    [
      { revision: 1, crash: { id: 1, name: 'x', passes: 0 } },
      /^Error: crash\.passes: expected a number from 1, found 0/,
    ],
  ] as readonly (readonly [Json, RegExp])[]) {
    it(`should refuse ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => parseTrouble(wrong), message);
    });
  }
});
