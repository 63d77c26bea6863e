/**
 * Random histories of queues, stacks and priority queues: a real object is used by some clients at once, some of which crash; then some
 * answers are made lies.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { Operation } from '../../../../../harness/history/operation.ts';
import { createRandom, type Random } from '../../../../../harness/random.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { alone, history, type Entry } from '../../histories.ts';
import { fuzz, held, requireFrequent, requireWitness, type Drawn, type Monitored } from './held.ts';

/** What the operations are called, and which element is next. */
export interface Kind extends Monitored {
  readonly insert: string;
  readonly remove: string;
  readonly peek: string;
  readonly next: (contents: readonly number[]) => number | undefined;
}

const HISTORIES = 20_000;

/** How wild the histories are. */
interface Wildness {
  readonly operations: number;
  readonly clients: number;
  readonly crashes: number;
  readonly peeks: number;
  readonly lies: number;
  readonly initial: number;
}

interface Open {
  readonly f: string;
  readonly argument: Json;
  result?: Json;
}

/** Uses an object with several clients at once. */
class Usage {
  readonly entries: Entry[] = [];
  readonly #kind: Kind;
  readonly #random: Random;
  readonly #wildness: Wildness;
  readonly contents: number[];
  readonly #open = new Map<number, Open>();
  readonly #values: number[];
  #invoked = 0;
  #process: number;

  constructor(kind: Kind, random: Random, wildness: Wildness, initial: readonly number[]) {
    this.#kind = kind;
    this.#random = random;
    this.#wildness = wildness;
    this.contents = [...initial];
    const fresh = Array.from({ length: wildness.operations }, (_, index) => initial.length + index + 1);
    this.#values = random.shuffle(fresh);
    this.#process = wildness.clients;
  }

  run(): void {
    const clients = Array.from({ length: this.#wildness.clients }, (_, client) => client);
    while (this.#invoked < this.#wildness.operations || this.#open.size > 0) {
      const slot = this.#random.int(clients.length);
      const process = clients[slot] ?? 0;
      const open = this.#open.get(process);
      if (open === undefined) this.#invoke(process);
      else if (open.result === undefined && this.#random.chance(0.5)) this.#apply(open);
      else if (this.#random.chance(this.#wildness.crashes)) {
        this.#open.delete(process);
        clients[slot] = this.#process++;
      } else this.#return(process, open);
    }
  }

  #invoke(process: number): void {
    if (this.#invoked === this.#wildness.operations) return;
    this.#invoked++;
    const { insert, remove, peek } = this.#kind;
    const f = this.#random.chance(this.#wildness.peeks) ? peek : this.#random.chance(0.5) ? insert : remove;
    const argument = f === insert ? (this.#values.pop() ?? 0) : null;
    this.#open.set(process, { f, argument });
    this.entries.push([process, 'invoke', f, argument]);
  }

  #apply(open: Open): void {
    const { insert, remove, next } = this.#kind;
    if (open.f === insert) {
      this.contents.push(Number(open.argument));
      open.result = open.argument;
      return;
    }
    const element = next(this.contents);
    if (open.f === remove && element !== undefined) this.contents.splice(this.contents.indexOf(element), 1);
    open.result = element ?? null;
  }

  #return(process: number, open: Open): void {
    if (open.result === undefined) this.#apply(open);
    this.#open.delete(process);
    this.entries.push([process, 'ok', open.f, open.result ?? null]);
  }
}

/** Makes lies of some answers: another element's, another answer's, or nil. */
function lie(entries: Entry[], kind: Kind, random: Random, lies: number): void {
  const answers = entries.flatMap(([, type, f], index) =>
    type === 'ok' && f !== kind.insert ? [index] : [],
  );
  const inserted = entries.flatMap(([, type, f, value]) =>
    type === 'invoke' && f === kind.insert ? [value ?? null] : [],
  );
  for (let count = 0; count < lies && answers.length > 0; count++) {
    const index = random.pick(answers);
    const [process, type, f, value] = entries[index] ?? assert.fail();
    const other = random.pick(answers);
    const [otherProcess, , otherF, otherValue] = entries[other] ?? assert.fail();
    if (random.chance(0.6)) {
      entries[index] = [process, type, f, otherValue ?? null];
      entries[other] = [otherProcess, 'ok', otherF, value ?? null];
    } else {
      entries[index] = [process, type, f, random.pick([null, ...inserted])];
    }
  }
}

/** A history of a container. */
function useContainer(kind: Kind, random: Random): Drawn {
  const wildness = {
    operations: 2 + random.int(11),
    clients: 1 + random.int(5),
    crashes: random.pick([0, 0, 0.1, 0.3]),
    peeks: random.pick([0, 0.2, 0.5]),
    lies: random.pick([0, 0, 1, 2]),
    initial: random.pick([0, 0, 0, 1, 2]),
  };
  const init = random.shuffle(Array.from({ length: wildness.initial }, (_, index) => index + 1));
  const usage = new Usage(kind, random, wildness, init);
  usage.run();
  lie(usage.entries, kind, random, wildness.lies);
  return { recorded: history(...usage.entries), init };
}

/**
 * A long true history, after which everything is taken out, and then two new elements, which are greater than all, are put in
 * and taken out one after the other in this order.
 */
function longUsage(
  kind: Kind,
  crashes: number,
  inserts: readonly number[],
  removes: readonly number[],
): Operation[] {
  const wildness = { operations: 2000, clients: 20, crashes, peeks: 0.2, lies: 0, initial: 0 };
  const usage = new Usage(kind, createRandom('long'), wildness, []);
  usage.run();
  const drained: Entry[] = [];
  const left = usage.contents;
  for (let next = kind.next(left); next !== undefined; next = kind.next(left)) {
    left.splice(left.indexOf(next), 1);
    drained.push(...alone(0, kind.remove, null, next));
  }
  return history(
    ...usage.entries,
    ...drained,
    ...inserts.flatMap((element) => alone(0, kind.insert, element)),
    ...removes.flatMap((element) => alone(0, kind.remove, null, element)),
  );
}

/** Whether a history of these entries is linearizable; the oracle must agree. */
type Judge = (entries: readonly Entry[], initial?: Json) => boolean | 'inapplicable';

/** What histories of a container are made of by hand. */
interface ByHand {
  readonly insert: (element: Json) => Entry[];
  readonly remove: (element: Json) => Entry[];
  readonly peek: (element: Json) => Entry[];
  readonly crashed: (process: number, f: string, argument?: Json) => Entry;
  readonly valid: Judge;
}

/** Operations of one client, one after the other, and crashed ones of others. */
export function byHand(kind: Kind): ByHand {
  return {
    insert: (element) => alone(0, kind.insert, element),
    remove: (element) => alone(0, kind.remove, null, element),
    peek: (element) => alone(0, kind.peek, null, element),
    crashed: (process, f, argument = null) => [process, 'invoke', f, argument],
    valid: (entries, initial = null) => held(kind, history(...entries), initial).valid,
  };
}

/** The tests of crashed removes, which are the same where an element is in the way of those inserted, or ranked, below it. */
export function itShouldLetCrashedRemovesTake(kind: Kind): void {
  const { insert, remove, peek, crashed, valid } = byHand(kind);

  it('should let crashed removes take what was in the way, each one element', () => {
    const start = [...insert(1), ...insert(2), ...insert(3)];
    const taken = (process: number): Entry => crashed(process, kind.remove);
    assert.equal(valid([...start, taken(1), ...remove(1)]), false);
    assert.equal(valid([...start, taken(1), taken(2), ...remove(1)]), true);
    assert.equal(valid([...start, taken(1), ...remove(2)]), true);
    assert.equal(valid([...start, ...remove(2), taken(1)]), false);
  });

  it('should not let a crashed remove take what is seen later', () => {
    const start = [...insert(1), ...insert(2), crashed(1, kind.remove)];
    const { valid: isValid, ...evidence } = held(kind, history(...start, ...peek(1), ...peek(2)), null);
    assert.equal(isValid, false);
    assert.deepEqual(evidence, {
      conflict: [0, 1, 2, 3, 4],
      reason: 'whatever crashed removes took, nothing explains what was seen of 1 and 2',
    });
    assert.equal(valid([...start, ...peek(2), ...peek(1)]), true);
  });
}

/** The tests of every container: two elements swapped at the end of a long history, and random histories against the oracle. */
export function itShouldBeExact(kind: Kind, rightOrder: readonly number[]): void {
  for (const crashes of [0, 0.02]) {
    it(`should find two swapped elements in a long history with ${crashes} crashes, and name only these`, () => {
      const swapped = recordCalls(longUsage(kind, crashes, [9001, 9002], rightOrder.toReversed()));
      const verdict = kind.monitor.check(swapped, []);
      const { length } = swapped;
      assert.ok(verdict.valid === false);
      assert.deepEqual(verdict.conflict, [length - 4, length - 3, length - 2, length - 1]);
      const right = recordCalls(longUsage(kind, crashes, [9001, 9002], rightOrder));
      const explained = kind.monitor.check(right, []);
      assert.ok(explained.valid === true, JSON.stringify(explained));
      requireWitness(right, kind.model, null, explained.order?.() ?? assert.fail('no witness'));
    });
  }

  it('should agree with the oracle on random histories', function () {
    this.timeout(60_000);
    const tally = fuzz(kind, (random) => useContainer(kind, random), kind.model.name, HISTORIES);
    requireFrequent(tally);
    assert.equal(tally.verdicts.inapplicable, 0);
    assert.ok(tally.conflicting / tally.verdicts.false < 4, JSON.stringify(tally));
  });
}
