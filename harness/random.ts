/**
 * Seeded randomness. One seed gives everything that a test draws, so the generator is our own: integer
 * arithmetic only, the same numbers on every platform and Node version, and cheap to fork by name, so that
 * a draw added in one place does not shift the draws of another.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand). Seeding: 32-bit FNV-1a over the seed's text.
 */

/** A stream of random draws. Not for secrets. */
export interface Random {
  /** A number in [0, 1), with 32 random bits. */
  next(): number;
  /** A whole number in [0, bound); bound must be at least 1. */
  int(bound: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element; throws a RangeError on an empty array. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** A draw from the exponential distribution with this mean. */
  exponential(mean: number): number;
  /** An independent stream: the same label on a stream of the same seed gives the same fork, whatever was drawn. */
  fork(label: string | number): Random;
}

const FNV_PRIME = 0x01000193;
/** The standard basis, and two more for two more words of state. */
const FNV_BASES = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b] as const;

/** All draws of a stream, made from its bits. */
export abstract class RandomStream implements Random {
  /** 32 random bits, as an unsigned whole number. */
  protected abstract bits(): number;

  abstract fork(label: string | number): Random;

  next(): number {
    return this.bits() / 0x1_0000_0000;
  }

  int(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('cannot pick from an empty array');
    return items[this.int(items.length)] as T;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.int(last + 1);
      const held = result[last] as T;
      result[last] = result[other] as T;
      result[other] = held;
    }
    return result;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }
}

class Sfc32 extends RandomStream {
  readonly #seed: string;
  readonly #watch: ((bits: number) => void) | undefined;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string, watch?: (bits: number) => void) {
    super();
    this.#seed = seed;
    // One pass for all three: simulations fork streams more often than they draw from them.
    let a: number = FNV_BASES[0];
    let b: number = FNV_BASES[1];
    let c: number = FNV_BASES[2];
    for (let index = 0; index < seed.length; index++) {
      const unit = seed.charCodeAt(index);
      a = Math.imul(a ^ unit, FNV_PRIME);
      b = Math.imul(b ^ unit, FNV_PRIME);
      c = Math.imul(c ^ unit, FNV_PRIME);
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    for (let round = 0; round < 12; round++) this.bits();
    // Set last: the rounds above are no draws.
    this.#watch = watch;
  }

  protected bits(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    this.#watch?.(result);
    return result >>> 0;
  }

  fork(label: string | number): Random {
    return new Sfc32(`${this.#seed}/${label}`, this.#watch);
  }
}

/**
 * A stream for this seed: the same seed gives the same draws, everywhere and always.
 *
 * @param watch is told 32 bits of every draw from this stream and its forks, so that the simulator can prove
 * that two runs drew the same
 */
export function createRandom(seed: string | number, watch?: (bits: number) => void): Random {
  return new Sfc32(String(seed), watch);
}
