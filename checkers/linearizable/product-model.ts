/**
 * The model of a whole object that is a product of its keys, for when it is searched as a whole: a state is the numbers of
 * its keys' states, so that a step changes one number, whatever the other keys hold.
 */
import { canonical, type Json } from '../../harness/json.ts';
import { guarded } from '../models/guard.ts';
import type { Foresight, Model } from '../models/model.ts';
import type { ModelOperation } from '../models/operation.ts';
import { ILLEGAL, StateMachine } from './state-machine.ts';

/** A number for each key: of its state, in the machine of that key. */
type States = readonly number[];

/** The keys of an object, each with a machine of its own. */
class Keys {
  readonly machines: StateMachine[] = [];
  readonly #places = new Map<string, number>();

  constructor(model: Model, init: Json | undefined, keys: readonly Json[]) {
    for (const key of keys) {
      this.#places.set(canonical(key), this.machines.length);
      const ofKey = guarded(model, 'perKey', undefined, () => model.perKey?.(key, init)) ?? model;
      this.machines.push(new StateMachine(ofKey, undefined));
    }
  }

  placeOf({ key = null }: ModelOperation): number {
    return this.#places.get(canonical(key)) ?? 0;
  }
}

/** The whole object's model, made of the models of these keys, which must be all that its operations name. */
export function productModel(model: Model, init: Json | undefined, names: readonly Json[]): Model<States> {
  const keys = new Keys(model, init, names);
  const { machines } = keys;
  return {
    name: model.name,
    summary: model.summary,
    operations: model.operations,
    init: () => machines.map(({ initial }) => initial),
    step(states, operation) {
      const place = keys.placeOf(operation);
      const machine = machines[place];
      if (machine === undefined) return undefined;
      const next = machine.step(states[place] ?? 0, machine.classOf(operation));
      if (next === ILLEGAL) return undefined;
      return next === states[place] ? states : states.with(place, next);
    },
    key: (states) => states.join(),
    pure: (operation) => model.pure?.(operation) === true,
    commutes: (a, b) => keys.placeOf(a) !== keys.placeOf(b) || model.commutes?.(a, b) === true,
    foresee: (operations) => foreseeKeys(keys, operations),
    describe: (operation) => model.describe?.(operation) ?? operation.f,
    describeState: (states) => states.map((state, place) => machines[place]?.describe(state)).join(', '),
  };
}

/** What is foreseen of each key by itself. */
function foreseeKeys(keys: Keys, operations: readonly ModelOperation[]): Foresight<States> {
  const ofKeys = keys.machines.map(({ model }, place) => {
    return model.foresee?.(operations.filter((operation) => keys.placeOf(operation) === place));
  });
  /** For each key, the number that stands for each of its states, or ILLEGAL. */
  const known = keys.machines.map((): (number | undefined)[] => []);
  const standIn = (state: number, place: number): number => {
    const of = known[place] ?? [];
    return (of[state] ??= foreseen(keys.machines[place], ofKeys[place], state));
  };
  return {
    admits: (states) => states.every((state, place) => standIn(state, place) !== ILLEGAL),
    standIn: (states) =>
      states.every((state, place) => standIn(state, place) === state) ? states : states.map(standIn),
  };
}

function foreseen(
  machine: StateMachine | undefined,
  of: Foresight<unknown> | undefined,
  state: number,
): number {
  const values = machine?.valuesOf(state);
  // Where any of several states is possible nothing is foreseen.
  if (machine === undefined || of === undefined || values?.length !== 1) return state;
  if (!of.admits(values[0])) return ILLEGAL;
  return machine.stateOf(of.standIn === undefined ? values[0] : of.standIn(values[0]));
}
