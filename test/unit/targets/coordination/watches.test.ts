/** Watches at a leader: each fires once, at what came before it was set as well, and ends without an answer in time. */
import assert from 'node:assert/strict';
import type { NodeTimers } from '../../../../harness/node/program.ts';
import { UNCHANGED, Watches } from '../../../../targets/coordination/watches.ts';
import type { Outcome } from '../../../../targets/replicated-log/state-machine.ts';

const QUERY = { f: 'change' };

/** Watches of one thing, timers that a test has run, and what is found when it is looked. */
function subject() {
  const due: (() => void)[] = [];
  const timers: NodeTimers = {
    after(_ms, run) {
      due.push(run);
      return () => undefined;
    },
  };
  const world = { found: UNCHANGED, looks: 0 };
  const watches = new Watches(timers, () => {
    world.looks += 1;
    return world.found;
  });
  const runTimers = (): void => {
    for (const run of due.splice(0)) run();
  };
  return { watches, world, runTimers };
}

const changed = (zxid: number): Outcome => ({ ok: true, value: { zxid } });

describe('watches', () => {
  it('should fire when something changed, with that, once', async () => {
    const { watches, world } = subject();
    const told = watches.set(QUERY, 100);
    watches.fire();
    world.found = changed(1);
    watches.fire();
    world.found = changed(2);
    watches.fire();
    assert.deepEqual(await told, changed(1));
    assert.equal(world.looks, 3);
  });

  it('should fire at once where it has changed already', async () => {
    const { watches, world } = subject();
    world.found = changed(1);
    assert.deepEqual(await watches.set(QUERY, 100), changed(1));
  });

  it('should end unchanged when their time is up', async () => {
    const { watches, world, runTimers } = subject();
    const told = watches.set(QUERY, 100);
    runTimers();
    world.found = changed(1);
    watches.fire();
    assert.deepEqual(await told, UNCHANGED);
  });

  it('should tell that a session is over', async () => {
    const { watches, world } = subject();
    const told = watches.set(QUERY, 100);
    world.found = { ok: false, error: 'session-expired' };
    watches.fire();
    assert.deepEqual(await told, world.found);
  });

  it('should reject those who wait when the leader is none any more', async () => {
    const { watches, world } = subject();
    const told = watches.set(QUERY, 100);
    watches.rejectAll(new Error('not-leader'));
    await assert.rejects(told, /not-leader/);
    watches.fire();
    assert.equal(world.looks, 1);
  });
});
