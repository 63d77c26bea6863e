/**
 * Models that are wrong: their mistake is named, and the verdict is `unknown`, never one that nobody should believe.
 * Each history here has a right verdict, which the model without the mistake gets.
 */
import assert from 'node:assert/strict';
import { checkLinearizable } from '../../../../checkers/index.ts';
import { algorithms, type Algorithm } from '../../../../checkers/linearizable/search.ts';
import { defineModel, type Model } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { History } from '../../../../harness/history/operation.ts';
import { equal, type Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';

/** The monitors ask a model for its first state at most, so they find no mistakes in it. */
const searches = algorithms.filter((algorithm) => algorithm !== 'monitor');

/** A list under the name of a register, so that there is something to change in a state. */
const right = defineModel<readonly Json[]>({
  name: 'my-register',
  summary: 'holds what was written last, in a list',
  operations: { write: 'sets the value', read: 'gives the value' },
  init: () => [0],
  step(state, { f, argument, result }) {
    if (f === 'write') return [argument];
    return result === undefined || equal(result, state[0] ?? null) ? state : undefined;
  },
  pure: ({ f }) => f === 'read',
  blind: ({ f }) => f === 'write',
  describeState: (state) => `holding ${JSON.stringify(state)}`,
});

/** Writes beside each other, and reads of them. */
const OVERLAPPING: readonly Entry[] = [
  [0, 'invoke', 'write', 1],
  [1, 'invoke', 'write', 2],
  [2, 'invoke', 'read'],
  [2, 'ok', 'read', 2],
  [1, 'ok', 'write', 2],
  [0, 'ok', 'write', 1],
  ...alone(0, 'read', null, 1),
];
/** Linearizable, and with a stale read at its end no more. */
const GOOD = history(...OVERLAPPING);
const BAD = history(...OVERLAPPING, ...alone(0, 'read', null, 2));

interface Answer {
  readonly valid: boolean | 'unknown';
  readonly why: string;
}

async function ask(model: Model, recorded: History, algorithm: Algorithm): Promise<Answer> {
  const { valid, why, keys } = await checkLinearizable(recorded, { model, algorithm });
  return { valid, why: why ?? keys[0]?.why ?? '' };
}

/** Every search says `unknown`, and what the mistake was. `make` makes the model anew: a mistake may depend on what was before. */
async function requireNamed(
  make: () => Model,
  message: RegExp,
  histories: readonly History[] = [GOOD, BAD],
): Promise<void> {
  for (const algorithm of searches) {
    for (const recorded of histories) {
      const { valid, why } = await ask(make(), recorded, algorithm);
      assert.equal(valid, 'unknown', algorithm);
      assert.match(why, message, algorithm);
    }
  }
}

function oops(): never {
  throw new RangeError('out of cheese');
}

describe('a model without mistakes', () => {
  it('should be believed', async () => {
    for (const algorithm of searches) {
      assert.equal((await ask(right, GOOD, algorithm)).valid, true, algorithm);
      assert.equal((await ask(right, BAD, algorithm)).valid, false, algorithm);
    }
  });
});

describe('a model that throws', () => {
  for (const name of ['init', 'step', 'key', 'pure', 'blind', 'foresee', 'partition'] as const) {
    it(`should be named when it does so in ${name}`, async () => {
      await requireNamedOrRight({ ...right, [name]: oops }, name);
    });
  }

  it('should be named when it does so in commutes', async () => {
    // Nobody asks what blind operations commute with.
    await requireNamedOrRight({ ...right, blind: () => false, commutes: oops }, 'commutes');
  });

  it('should be named when it does so for one key', async () => {
    const keyed = (of: History): History => of.map((entry) => ({ ...entry, key: 'x' }));
    for (const algorithm of searches) {
      const { valid, why } = await ask({ ...right, perKey: oops }, keyed(GOOD), algorithm);
      assert.equal(valid, 'unknown', algorithm);
      assert.match(why, /perKey of the model my-register threw.*out of cheese/, algorithm);
      assert.equal((await ask({ ...right, perKey: () => right }, keyed(GOOD), algorithm)).valid, true);
    }
  });

  it('should be named when it does so in the middle of a search', async () => {
    const step = (state: unknown, operation: ModelOperation): unknown =>
      operation.f === 'read' && operation.result === 1 ? oops() : right.step(state, operation);
    await requireNamed(
      () => ({ ...right, step }),
      /step of the model my-register threw for .*"f":"read".*cheese/,
    );
  });

  it('should be named when what it sees ahead throws', async () => {
    const foresee = (): { admits: () => boolean } => ({ admits: oops });
    await requireNamed(() => ({ ...right, foresee }), /foresee of the model my-register threw.*cheese/);
  });
});

/** Not every search asks for everything that a model may declare; one that does not must get the verdict right. */
async function requireNamedOrRight(model: Model, name: string): Promise<void> {
  let named = 0;
  for (const algorithm of searches) {
    for (const [recorded, verdict] of [
      [GOOD, true],
      [BAD, false],
    ] as const) {
      const { valid, why } = await ask(model, recorded, algorithm);
      if (valid !== 'unknown') assert.equal(valid, verdict, algorithm);
      else assert.match(why, new RegExp(`${name} of the model my-register threw.*out of cheese`), algorithm);
      if (valid === 'unknown') named++;
    }
  }
  assert.ok(named > 0, 'no search found it');
}

describe('a model that changes its states', () => {
  const changing = (state: unknown, operation: ModelOperation): unknown => {
    if (operation.f !== 'write') return right.step(state, operation);
    (state as Json[])[0] = operation.argument;
    return state;
  };

  it('should be named when they are JSON', async () => {
    await requireNamed(
      () => ({ ...right, step: changing }),
      /step of the model my-register threw .*read only/,
    );
  });

  it('should be named when they are JSON, deep inside', async () => {
    const nested: Model = {
      ...right,
      init: () => ({ cell: { held: [0] } }),
      step: (state, operation) => {
        const { cell } = state as { cell: { held: Json[] } };
        return changing(cell.held, operation) === undefined ? undefined : state;
      },
    };
    await requireNamed(() => nested, /step of the model my-register threw .*read only/);
  });

  it('should be named when they have keys of their own', async () => {
    const keyed: Model = {
      ...right,
      init: () => new Map([['held', 0]]),
      key: (state) => JSON.stringify([...(state as Map<string, Json>)]),
      describeState: (state) => JSON.stringify([...(state as Map<string, Json>)]),
    };
    const held = (state: unknown): Json => (state as Map<string, Json>).get('held') ?? null;
    const step =
      (write: (state: Map<string, Json>, value: Json) => unknown): Model['step'] =>
      (state, { f, argument, result }) => {
        if (f === 'write') return write(state as Map<string, Json>, argument);
        return result === undefined || equal(result, held(state)) ? state : undefined;
      };
    const copying: Model = { ...keyed, step: step((_state, value) => new Map([['held', value]])) };
    const setting = (): Model => ({ ...keyed, step: step((state, value) => state.set('held', value)) });
    assert.equal((await ask(copying, GOOD, 'auto')).valid, true);
    assert.equal((await ask(copying, BAD, 'auto')).valid, false);
    await requireNamed(setting, /my-register changed the state that it was given to answer "write \d"/);
  });
});

describe('a model that is not deterministic', () => {
  const message = /the model my-register is not deterministic/;

  it('should be named when it allows and forbids by turns', async () => {
    const make = (): Model => {
      let asked = 0;
      const step = (state: unknown, operation: ModelOperation): unknown =>
        operation.f === 'read' && asked++ % 2 === 1 ? undefined : right.step(state, operation);
      return { ...right, step };
    };
    await requireNamed(make, message);
  });

  it('should be named when it leads to another state each time', async () => {
    const make = (): Model => {
      let asked = 0;
      const step = (state: unknown, operation: ModelOperation): unknown =>
        operation.f === 'write' ? [operation.argument, asked++] : right.step(state, operation);
      return { ...right, step };
    };
    await requireNamed(make, message);
  });

  /** One after another, so that the search of the right model takes one step for each. */
  const LONG = Array.from({ length: 300 }, (_, value) => [
    ...alone(0, 'write', value),
    ...alone(1, 'read', null, value),
  ]).flat();

  it('should be named when it counts and refuses after a while', async () => {
    const make = (): Model => {
      let asked = 0;
      const step = (state: unknown, operation: ModelOperation): unknown =>
        asked++ > 200 && operation.f === 'read' ? undefined : right.step(state, operation);
      return { ...right, step };
    };
    await requireNamed(make, message, [history(...LONG)]);
  });

  it('should be believed on that history without the mistake', async () => {
    for (const algorithm of searches) {
      assert.equal((await ask(right, history(...LONG), algorithm)).valid, true, algorithm);
      const stale = history(...LONG, ...alone(0, 'read', null, 7));
      assert.equal((await ask(right, stale, algorithm)).valid, false, algorithm);
    }
  });
});

describe('a model that declares what is not true', () => {
  it('should be named when it says of writes that they change nothing', async () => {
    await requireNamed(
      () => ({ ...right, pure: () => true, blind: () => false }),
      /declares "write 1" to be pure, but it changes/,
    );
  });

  it('should be named when it says of reads that they are allowed everywhere', async () => {
    await requireNamed(
      () => ({ ...right, pure: () => false, blind: () => true }),
      /to be blind, but it is not allowed in/,
    );
  });
});
