/** Registers, alone and under keys, as clients of a benchmark use them. */
import type { Json } from '../../harness/json.ts';
import type { Random } from '../../harness/random.ts';
import type { Request, Subject } from './histories.ts';

/** A value that was overwritten so many writes ago is not concurrent with anything that is open now. */
export const STALE = 200;

/** The last values that something held. */
class Past {
  readonly #values: Json[] = [];

  push(value: Json): void {
    if (this.#values.push(value) > 2 * STALE) this.#values.splice(0, STALE);
  }

  /** The value before so many others; undefined if there were fewer. */
  before(others: number): Json | undefined {
    return this.#values.at(-1 - others);
  }
}

/** Which operations a register gets. */
export interface RegisterShape {
  /** Values are drawn from so few; unless given, each is written once. */
  readonly values?: number;
  /** Share of compare-and-sets among the updates. */
  readonly cas?: number;
  /** How a compare-and-set that does not match is told: as a failure, which says nothing, or by the result `false`. */
  readonly misses?: 'fail' | 'false';
}

/**
 * A register, half of whose operations are reads. The wrong answer is a stale one: a value that was overwritten long ago. Of few
 * values nearly all are ever current, so there the stale one is a value that was only written in the beginning.
 */
export function registerSubject({ values, cas = 0, misses = 'false' }: RegisterShape = {}): Subject {
  let state: Json = 0;
  let written = 0;
  const past = new Past();
  const counted = (random: Random): Json => (values === undefined ? ++written : random.int(values));
  // By writes only, so that no compare-and-set that crashed can bring it back.
  const inTheBeginning = (random: Random): Json | undefined =>
    values !== undefined && written++ < STALE / 2 && random.chance(0.1) ? values : undefined;
  return {
    request(random) {
      if (random.chance(0.5)) return { f: 'read', argument: null };
      if (!random.chance(cas)) return { f: 'write', argument: inTheBeginning(random) ?? counted(random) };
      const expected = values === undefined ? state : random.int(values);
      return { f: 'cas', argument: [expected, counted(random)] };
    },
    apply({ f, argument }) {
      if (f === 'read') return state;
      const [expected, replacement] = f === 'cas' ? (argument as readonly Json[]) : [state, argument];
      if (expected !== state) return false;
      state = replacement ?? null;
      past.push(state);
      return argument;
    },
    isFailure: ({ f }, result) => misses === 'fail' && f === 'cas' && result === false,
    lie({ f }) {
      const stale = past.before(STALE);
      return f !== 'read' || stale === undefined ? undefined : (values ?? stale);
    },
  };
}

/** So many puts of one key are enough, where clients have many keys. */
const STALE_PUTS_MIN = 4;

/** Registers under keys, as a key-value store has them; the wrong answer is a value that the key had some puts before. */
export function kvSubject(keys: number): Subject {
  const pasts = new Map<Json, Past>();
  let written = 0;
  const stalePuts = Math.max(STALE_PUTS_MIN, Math.ceil(STALE / keys));
  const pastOf = ({ key = null }: Request): Past => {
    const past = pasts.get(key) ?? new Past();
    pasts.set(key, past);
    return past;
  };
  return {
    request(random) {
      const key = random.int(keys);
      if (random.chance(0.5)) return { f: 'get', argument: null, key };
      return { f: 'put', argument: ++written, key };
    },
    apply(request) {
      const past = pastOf(request);
      if (request.f === 'get') return past.before(0) ?? null;
      past.push(request.argument);
      return request.argument;
    },
    lie: (request) => (request.f === 'get' ? pastOf(request).before(stalePuts) : undefined),
  };
}
