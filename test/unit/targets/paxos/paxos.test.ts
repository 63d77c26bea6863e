/**
 * Single-decree Paxos in virtual time: what is decided, that it stays, what a read may say, what a node without a majority
 * answers, and the rules of acceptors on their disk.
 */
import assert from 'node:assert/strict';
import { UsageError } from '../../../../harness/errors.ts';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import { Refusal } from '../../../../harness/node/program.ts';
import { node as program } from '../../../../targets/paxos/node.ts';
import { paxosOptions } from '../../../../targets/paxos/options.ts';
import { JOURNAL_FILE } from '../../../../targets/paxos/storage.ts';
import { CorruptFileError, encodeRecord } from '../../../../targets/replicated-log/record.ts';
import { Fabric } from '../cluster/fabric.ts';

const up = (nodes = 3, options: JsonObject = {}): Promise<Fabric> => Fabric.up({ nodes, program, options });

const ask = async (
  fabric: Fabric,
  node: string,
  f: 'propose' | 'read',
  value: Json = null,
): Promise<Json> => {
  const body = f === 'read' ? { key: 'k' } : { key: 'k', value };
  return (await fabric.ask(node, f, body)).value ?? null;
};

describe('paxos', () => {
  it('should decide on the proposed value and answer later proposals with it, on any node', async () => {
    const fabric = await up();
    assert.equal(await ask(fabric, 'n1', 'read'), null);
    assert.equal(await ask(fabric, 'n1', 'propose', 'a'), 'a');
    assert.equal(await ask(fabric, 'n2', 'propose', 'b'), 'a');
    assert.equal(await ask(fabric, 'n3', 'read'), 'a');
  });

  it('should decide one value when all propose at once, and log the same on every node', async () => {
    const fabric = await up(5);
    const answers = await Promise.all(fabric.ids.map((id) => ask(fabric, id, 'propose', `by ${id}`)));
    assert.equal(new Set(answers).size, 1);
    await fabric.run(100);
    const chosen = fabric.lines.filter(({ event }) => event === 'chosen').map(({ fields }) => fields.value);
    assert.deepEqual(
      chosen,
      fabric.ids.map(() => answers[0]),
    );
  });

  it('should decide by a majority alone, and remember through a restart of all', async () => {
    const fabric = await up(5);
    fabric.crash('n4');
    fabric.crash('n5');
    assert.equal(await ask(fabric, 'n1', 'propose', 'a'), 'a');
    for (const id of ['n1', 'n2', 'n3']) fabric.crash(id);
    for (const id of fabric.ids) await fabric.start(id);
    assert.equal(await ask(fabric, 'n5', 'propose', 'b'), 'a');
  });

  it('should finish what another proposer began: a value that one acceptor accepted is found and decided', async () => {
    const fabric = await up();
    fabric.intercept = (_from, to, { type }) => !(type === 'accept' && to === 'n2') && type !== 'accepted';
    fabric.call('n1', 'propose', { key: 'k', value: 'a' }).catch(() => undefined);
    await fabric.run(50);
    fabric.crash('n1');
    fabric.intercept = () => true;
    assert.equal(await ask(fabric, 'n3', 'read'), 'a');
  });

  it('should refuse what it never offered to acceptors, and not know about what it did', async () => {
    const fabric = await up(3, { patienceMs: 500 });
    fabric.isolate('n1');
    await assert.rejects(ask(fabric, 'n1', 'propose', 'a'), Refusal);
    fabric.heal();
    fabric.intercept = (_from, _to, { type }) => type !== 'accepted';
    await assert.rejects(ask(fabric, 'n1', 'propose', 'b'), (error) => !(error instanceof Refusal));
    fabric.intercept = () => true;
    assert.equal(await ask(fabric, 'n2', 'propose', 'c'), 'b');
  });

  it('should turn down requests without a key, and proposals of nothing', async () => {
    const fabric = await up(1);
    await assert.rejects(fabric.ask('n1', 'read', {}), Refusal);
    await assert.rejects(ask(fabric, 'n1', 'propose', null), Refusal);
    assert.equal(await ask(fabric, 'n1', 'propose', 0), 0);
  });

  it('should start from a torn journal and not from a damaged one', async () => {
    const fabric = await up(1);
    assert.equal(await ask(fabric, 'n1', 'propose', 'a'), 'a');
    fabric.crash('n1');
    const bytes = fabric.file('n1', JOURNAL_FILE) ?? new Uint8Array();
    fabric.setFile('n1', JOURNAL_FILE, Buffer.concat([bytes, encodeRecord('torn').subarray(0, 5)]));
    await fabric.start('n1');
    assert.equal(await ask(fabric, 'n1', 'read'), 'a');
    fabric.crash('n1');
    fabric.setFile(
      'n1',
      JOURNAL_FILE,
      encodeRecord({ instance: 'k', promised: 'not a ballot', accepted: null }),
    );
    await assert.rejects(fabric.start('n1'), CorruptFileError);
  });

  it('should drop what is no message', async () => {
    const fabric = await up();
    fabric.deliver('n2', 'n1', { type: 'accept', instance: 'k', ballot: -1, value: 1 });
    fabric.deliver('n2', 'n1', { type: 'unknown' });
    assert.equal(fabric.lines.filter(({ event }) => event === 'message-dropped').length, 2);
    assert.equal(await ask(fabric, 'n1', 'propose', 'a'), 'a');
  });

  it('should name settings that there are not or that cannot be', () => {
    assert.equal(paxosOptions({ resendMs: 5 }).resendMs, 5);
    assert.throws(() => paxosOptions({ patience: 5 }), UsageError);
    assert.throws(() => paxosOptions({ backOffMs: 5 }), UsageError);
  });
});
