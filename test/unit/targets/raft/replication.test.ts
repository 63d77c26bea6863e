/**
 * Log replication by Raft: conflicting entries give way, late messages do no harm, and entries of earlier terms are not committed
 * by counting (figure 3.7). What is the same of every log with a leader is in ../replicated-log/leaders.test.ts.
 */
import assert from 'node:assert/strict';
import type { Entry } from '../../../../targets/raft/log.ts';
import { RaftNode } from '../../../../targets/raft/raft.ts';
import { encodeRecord } from '../../../../targets/replicated-log/record.ts';
import { LOG_FILE } from '../../../../targets/raft/storage.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

const termsOf = (entries: readonly Entry[]): number[] => entries.map(({ term }) => term);

describe('raft replication', () => {
  it('should replace the entry of a write caught in a minority', async () => {
    const observer = new Observer();
    const fabric = await Fabric.up({ nodes: 5, program: observer.program });
    const old = await fabric.leader();
    fabric.isolate(old);
    fabric.call(old, 'write', { key: 'x', value: 'lost' }).catch(() => undefined);
    const leader = await fabric.leader(fabric.others(old));
    assert.deepEqual(await fabric.ask(leader, 'write', { key: 'x', value: 'kept' }), {
      ok: true,
      value: null,
    });
    assert.notDeepEqual(observer.logOf(old), observer.logOf(leader));
    fabric.heal();
    await fabric.run(500);
    assert.deepEqual(observer.logOf(old), observer.logOf(leader));
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'x' }), { ok: true, value: 'kept' });
  });

  it('should back up over a whole conflicting term at a time', async () => {
    const observer = new Observer();
    const fabric = new Fabric({ nodes: 3, program: observer.program });
    const noops = (term: number): Entry[] => Array.from({ length: 100 }, () => ({ term, command: null }));
    const common: Entry = { term: 1, command: null };
    setLog(fabric, 'n1', 9, [common, ...noops(2), ...noops(3)]);
    setLog(fabric, 'n2', 9, [common, ...noops(4), ...noops(6)]);
    setLog(fabric, 'n3', 9, [common, ...noops(4), ...noops(6)]);
    let rejects = 0;
    fabric.intercept = (from, _to, { type }) => {
      if (type === 'append-reject' && from === 'n1') rejects += 1;
      return true;
    };
    for (const id of fabric.ids) await fabric.start(id);
    const leader = await fabric.leader();
    await fabric.run(500);
    assert.deepEqual(observer.logOf('n1'), observer.logOf(leader));
    assert.equal(rejects, 2);
  });

  it('should not let a late message cut off what a later one brought', async () => {
    const observer = new Observer();
    const fabric = await Fabric.up({ nodes: 3, program: observer.program });
    const leader = await fabric.leader();
    const [follower = ''] = fabric.others(leader);
    let late: (() => void) | undefined;
    fabric.intercept = (from, to, message) => {
      if (late === undefined && to === follower && (message.entries as Entry[] | undefined)?.length === 1) {
        const receive = (): void => fabric.deliver(from, to, message);
        late = receive;
      }
      return true;
    };
    for (let value = 1; value <= 5; value++) await fabric.ask(leader, 'append', { key: 'list', value });
    await fabric.run(100);
    const before = observer.logOf(follower);
    assert.equal(before.length, 6);
    late?.();
    await fabric.run(1);
    assert.deepEqual(observer.logOf(follower), before);
  });
});

/** Writes a node's log file, as a node would have left it: a vote for itself in that term, and these entries. */
function setLog(fabric: Fabric, id: string, term: number, entries: readonly Entry[]): void {
  const records = [
    { type: 'hard-state', term, vote: id },
    { type: 'entries', from: 1, entries },
  ];
  fabric.setFile(id, LOG_FILE, Buffer.concat(records.map(encodeRecord)));
}

/** The mistake of figure 3.7: an entry counts as committed once a majority has it, whatever its term. */
class CountsOldTerms extends RaftNode {
  protected override mayCommit(): boolean {
    return true;
  }
}

/** Figure 3.7 up to (c): an entry of term 2 on a majority, and a leader of term 4 whose own entry reaches nobody. */
async function figure37(Node: typeof RaftNode, ownEntryPasses: boolean) {
  const observer = new Observer(Node);
  const fabric = new Fabric({ nodes: 5, program: observer.program, options: { maxBatch: 1 } });
  const logs = { n1: [1, 2], n2: [1, 2], n3: [1], n4: [1], n5: [1, 3] };
  for (const [id, terms] of Object.entries(logs)) {
    setLog(
      fabric,
      id,
      3,
      terms.map((term) => ({ term, command: { f: 'write', key: 'x', value: term, once: null } })),
    );
  }
  for (const id of fabric.ids) await fabric.start(id);
  fabric.partition(['n1', 'n2', 'n3'], ['n4', 'n5']);
  fabric.intercept = (_from, _to, { entries }) =>
    ownEntryPasses || !((entries ?? []) as Entry[]).some(({ term }) => term > 3);
  await fabric.until(() => fabric.leaders().length > 0, 20_000);
  await fabric.run(200);
  const [leader = ''] = fabric.leaders();
  assert.deepEqual(termsOf(observer.logOf('n3')).slice(0, 2), [1, 2]);
  const { commitIndex } = fabric.status(leader);
  fabric.heal();
  fabric.partition(['n1', 'n2'], ['n3', 'n4', 'n5']);
  fabric.intercept = () => true;
  const successor = await fabric.leader(['n3', 'n4', 'n5']);
  return {
    commitIndex,
    successor,
    second: observer.logOf(successor)[1]?.term,
    problems: await settle(fabric, observer),
  };
}

async function settle(fabric: Fabric, observer: Observer): Promise<readonly string[]> {
  fabric.heal();
  await fabric.run(3000);
  return observer.check(fabric);
}

describe('raft commitment (figure 3.7)', () => {
  it('should not commit an entry of an earlier term by counting replicas', async () => {
    const { commitIndex, successor, second, problems } = await figure37(RaftNode, false);
    assert.equal(commitIndex, 0);
    assert.deepEqual(
      [successor, second],
      ['n5', 3],
      'figure 3.7 (d1): the entry on a majority is overwritten',
    );
    assert.deepEqual(problems, []);
  });

  it('should commit it together with an entry of the own term, and then never lose it', async () => {
    const { commitIndex, successor, second, problems } = await figure37(RaftNode, true);
    assert.equal(commitIndex, 3);
    assert.deepEqual([successor, second], ['n3', 2], 'figure 3.7 (d2)');
    assert.deepEqual(problems, []);
  });

  it('should be seen to break without the rule', async () => {
    const { commitIndex, problems } = await figure37(CountsOldTerms, false);
    assert.equal(commitIndex, 2);
    assert.ok(problems.length > 0);
  });
});
