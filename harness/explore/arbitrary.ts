/**
 * Scenarios for fast-check: generated from its random source, and shrunk pass by pass (simplify/). What was taken
 * last says where shrinking goes on, so that it does not begin anew each time; when nothing simpler fails any
 * more, everything is tried again under other seeds, for which there is time by then because runs are short.
 */
import fc from 'fast-check';
import type { Scenario } from './scenario.ts';
import { bold, passes, type Cursor, type Pass, type Rules } from './simplify/index.ts';
import { isSimpler } from './size.ts';

/** What is tried each time round. */
interface Round {
  /** Into how many parts lists are cut at most. */
  readonly partsMax: number;
  /**
   * Other seeds for each candidate. The order of messages, elections and time-outs come from the seed, so what
   * does not fail for want of luck under one of them may fail under another.
   */
  readonly seeds: number;
  /** The same for passes of few and large steps. */
  readonly boldSeeds: number;
}

const ROUNDS: readonly Round[] = [
  { partsMax: 16, seeds: 0, boldSeeds: 6 },
  { partsMax: 16, seeds: 4, boldSeeds: 12 },
  { partsMax: Infinity, seeds: 4, boldSeeds: 12 },
  { partsMax: Infinity, seeds: 12, boldSeeds: 40 },
  { partsMax: Infinity, seeds: 40, boldSeeds: 100 },
];
/** A candidate is tried under so many seeds at most as take about so many simulated seconds and operations. */
const COST_MAX = { simulatedMs: 200_000, operations: 2000 };

/** Where shrinking is; fast-check hands it back with the scenario that was taken. */
interface Place {
  readonly round: number;
  readonly pass: number;
  readonly cursor: Cursor;
}

const BEGINNING: Place = { round: 0, pass: 0, cursor: [] };

/** What a kit says. */
export type KitRules = Omit<Rules, 'partsMax'>;

/** Makes a scenario of a number. */
export type Draw = (seed: number) => Scenario;

/** An arbitrary scenario. */
export class ScenarioArbitrary extends fc.Arbitrary<Scenario> {
  readonly #draw: Draw;
  readonly #rules: KitRules;
  readonly #goesOn: () => boolean;

  /** `goesOn` says, before each step of shrinking, whether there is still time for it. */
  constructor(draw: Draw, rules: KitRules, goesOn: () => boolean) {
    super();
    this.#draw = draw;
    this.#rules = rules;
    this.#goesOn = goesOn;
  }

  generate(random: fc.Random): fc.Value<Scenario> {
    return new fc.Value(this.#draw(random.nextInt(0, 0x7fff_ffff)), BEGINNING);
  }

  canShrinkWithoutContext(value: unknown): value is Scenario {
    return typeof value === 'object' && value !== null && 'faults' in value && 'settings' in value;
  }

  shrink(value: Scenario, context?: unknown): fc.Stream<fc.Value<Scenario>> {
    return fc.stream(this.#simpler(value, (context as Place | undefined) ?? BEGINNING));
  }

  /** Once round all passes in each round that is left, from where shrinking is. */
  *#simpler(scenario: Scenario, place: Place): Generator<fc.Value<Scenario>, void> {
    for (const [round, { partsMax, seeds, boldSeeds }] of ROUNDS.entries()) {
      if (round < place.round) continue;
      for (let turn = 0; turn <= passes.length; turn++) {
        const index = (place.pass + turn) % passes.length;
        const pass = passes[index] as Pass;
        const from = turn === 0 && round === place.round ? place.cursor : [];
        for (const { scenario: candidate, cursor } of pass(scenario, from, { ...this.#rules, partsMax })) {
          if (!isSimpler(candidate, scenario)) continue;
          for (const seed of seedsFor(candidate, bold.has(pass) ? boldSeeds : seeds)) {
            if (!this.#goesOn()) return;
            yield new fc.Value({ ...candidate, seed }, { round, pass: index, cursor });
          }
        }
      }
    }
  }
}

/** Its own seed, then so many others; fewer where runs are long. */
function seedsFor({ seed, timeLimitMs, operations }: Scenario, wanted: number): string[] {
  const dear = Math.max(
    timeLimitMs / COST_MAX.simulatedMs,
    (operations?.length ?? COST_MAX.operations) / COST_MAX.operations,
  );
  const count = Math.min(wanted, Math.floor(1 / dear) - 1);
  const others = Array.from({ length: Math.max(0, count) }, (_, index) => String(index + 1));
  return [seed, ...others.filter((other) => other !== seed)];
}
