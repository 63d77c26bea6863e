/**
 * Independent keys: many small tests at once, each on an object of its own, so that histories stay short
 * enough to check while the system stays busy (jepsen.independent/concurrent-generator).
 */
import type { Operation } from '../history/operation.ts';
import { canonical, equal } from '../json.ts';
import type { Json } from '../json.ts';
import { requireCount } from './arguments.ts';
import { defer } from './defer.ts';
import type { Generator, GeneratorContext, PlannedOperation, Step, Thread } from './generator.ts';
import { onGroups } from './groups.ts';
import type { Refill } from './groups.ts';
import { isOperation } from './step.ts';
import { stream } from './stream.ts';
import { Wrapper } from './wrapper.ts';

class OnKey extends Wrapper {
  readonly #key: Json;

  constructor(inner: Generator, key: Json) {
    super(inner);
    this.#key = key;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (!isOperation(step)) return this.rewrap(step);
    const operation: PlannedOperation = { ...step.operation, key: this.#key };
    return { operation, next: this.around(step.next) };
  }

  /** Events of the key before, whose operations may still be under way, are none of this one's business. */
  override update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    if (event.key === undefined || !equal(event.key, this.#key)) return this;
    return super.update(context, event, thread);
  }

  protected around(inner: Generator): Generator {
    return new OnKey(inner, this.#key);
  }
}

/**
 * The generator's operations on that key, drawn independently of other keys'.
 *
 * @example onKey('x', repeat(op('read')))
 */
export function onKey(key: Json, generator: Generator): Generator {
  return stream(canonical(key), new OnKey(generator, key));
}

/** Keys one by one: a list, or a function of how many came before that answers undefined when there are no more. */
export type KeySource = readonly Json[] | ((index: number) => Json | undefined);

/**
 * Threads in groups of that many, each on a key of its own with the generator that `generatorFor` gives for
 * it; a group whose generator has no more goes on to the next key. Where the size does not divide the number of
 * threads, the last group is smaller. The nemesis counts as a thread: use it within `clients`.
 *
 * @example clients(concurrentKeys(2, (index) => index, (key) => limit(100, mix(repeat(op('read')), repeat(op('write', key))))))
 */
export function concurrentKeys(
  threadsPerKey: number,
  keys: KeySource,
  generatorFor: (key: Json) => Generator,
): Generator {
  requireCount('The number of threads for a key', threadsPerKey, 1);
  const keyAt = typeof keys === 'function' ? keys : (index: number): Json | undefined => keys[index];
  const refillFrom =
    (index: number): Refill =>
    () => {
      const key = keyAt(index);
      return key === undefined
        ? undefined
        : { generator: onKey(key, generatorFor(key)), rest: refillFrom(index + 1) };
    };
  return defer(({ threads }) => {
    const members = [];
    let refill = refillFrom(0);
    for (let start = 0; start < threads.length; start += threadsPerKey) {
      const first = refill();
      members.push({ threads: threads.slice(start, start + threadsPerKey), generator: first?.generator });
      refill = first?.rest ?? refill;
    }
    return onGroups(members, refill);
  });
}
