/**
 * The monitor of lists under transactions against the oracle, and by hand on the histories that its rules are about.
 */
import assert from 'node:assert/strict';
import { models } from '../../../../../checkers/index.ts';
import type { Json, JsonObject } from '../../../../../harness/json.ts';
import type { Random } from '../../../../../harness/random.ts';
import { alone, type Entry } from '../../histories.ts';
import { Asserted, fuzz, requireFrequent } from './held.ts';
import { useSpecimen, type Specimen } from './specimens.ts';

const model = models['multi-list'];
const [monitor = assert.fail()] = model.monitors ?? [];
const asserted = new Asserted(monitor, {});

type Step = readonly [f: 'r' | 'append', list: string, value: Json];

/** Two lists; transactions of up to three steps, so that one may read what it appended itself. A lie is one read from earlier. */
function specimen(random: Random): Specimen {
  const init: JsonObject = random.chance(0.3) ? { x: [0] } : {};
  let lists: JsonObject = init;
  let latest = 0;
  const past: JsonObject[] = [init];
  const heldIn = (state: JsonObject, list: string): readonly Json[] => (state[list] ?? []) as readonly Json[];
  return {
    init,
    draw() {
      const steps = Array.from({ length: 1 + random.int(3) }, (): Step => {
        const list = random.pick(['x', 'y']);
        return random.chance(0.5) ? ['r', list, null] : ['append', list, ++latest];
      });
      return { f: 'txn', value: steps };
    },
    run(_f, argument) {
      past.push(lists);
      return (argument as unknown as readonly Step[]).map(([f, list, value]): Json => {
        if (f === 'r') return [f, list, heldIn(lists, list)];
        lists = { ...lists, [list]: [...heldIn(lists, list), value] };
        return [f, list, value];
      });
    },
    lie(_f, result) {
      const other = random.pick(past);
      const at = random.int((result as readonly Json[]).length);
      return (result as unknown as readonly Step[]).map(([f, list, value], step): Json => {
        return [f, list, f === 'r' && step === at ? heldIn(other, list) : value];
      });
    },
  };
}

const txn = (process: number, ...steps: Step[]): Entry[] => alone(process, 'txn', steps);

describe('the monitor of lists under transactions', () => {
  it('should agree with the oracle', () => {
    const tally = fuzz(
      { model, monitor },
      (random) => useSpecimen(specimen(random), random),
      'multi-list',
      1500,
    );
    requireFrequent(tally);
  });

  it('should name a cycle over two lists, neither of which is wrong by itself', () => {
    const x = txn(0, ['append', 'x', 1]);
    const y = txn(1, ['append', 'y', 2]);
    const reads = [txn(2, ['r', 'x', [1]], ['r', 'y', []]), txn(3, ['r', 'x', []], ['r', 'y', [2]])].flat();
    const invoked = [...x, ...y, ...reads].filter(([, type]) => type === 'invoke');
    const returned = [...x, ...y, ...reads].filter(([, type]) => type === 'ok');
    asserted.conflict([0, 1, 2, 3], /must come before the next/, ...invoked, ...returned);
    const mended = returned.map((entry): Entry =>
      entry[0] === 3
        ? [
            3,
            'ok',
            'txn',
            [
              ['r', 'x', [1]],
              ['r', 'y', [2]],
            ],
          ]
        : entry,
    );
    asserted.linearizable(...invoked, ...mended);
  });

  it('should name a read that lacks what was appended before it began', () => {
    asserted.conflict([0, 1], /must come before/, ...txn(0, ['append', 'x', 1]), ...txn(1, ['r', 'x', []]));
    asserted.linearizable(...txn(0, ['append', 'x', 1]), ...txn(1, ['r', 'x', [1]]));
  });

  it('should name a transaction that was seen in its middle, and one that does not see itself', () => {
    const both = txn(0, ['append', 'x', 1], ['append', 'x', 2]);
    asserted.conflict(
      [0, 1, 2],
      /middle of another/,
      ...both,
      ...txn(1, ['r', 'x', [1]]),
      ...txn(1, ['r', 'x', [1, 2]]),
    );
    asserted.conflict([0], /as it left it itself/, ...txn(0, ['append', 'x', 1], ['r', 'x', []]));
    asserted.linearizable(...txn(0, ['append', 'x', 1], ['r', 'x', [1]]));
  });

  it('should not apply where an element is appended twice to a list', () => {
    asserted.inapplicable(
      /1 is appended more than once/,
      ...txn(0, ['append', 'x', 1]),
      ...txn(0, ['append', 'x', 1]),
    );
    asserted.linearizable(...txn(0, ['append', 'x', 1]), ...txn(0, ['append', 'y', 1]));
  });
});
