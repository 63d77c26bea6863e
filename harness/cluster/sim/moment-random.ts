/**
 * Draws that depend on the moment, not on how many were drawn before: at the same virtual time the same place
 * draws the same, whatever else the run does. So a run that leaves out an operation or a fault goes on as it
 * was wherever the omission is not felt, which is what makes a failure shrink (harness/explore) instead of
 * turning into another run with each thing left out.
 *
 * Mixing: the finalizer of splitmix32 (Steele, Lea and Flood, OOPSLA 2014, in the 32-bit constants of Mulvey).
 */
import { RandomStream, type Random } from '../../random.ts';

const HIGH_WORD = 0x1_0000_0000;

/** The stream of one place: a link, a file, a node. */
export class MomentRandom extends RandomStream {
  readonly #now: () => number;
  readonly #watch: (bits: number) => void;
  readonly #key: number;
  readonly #base: Random;
  /** Moment of the last draws, and how often the place was asked in it. */
  #moment = -1;
  #asked = 0;
  #state = 0;

  /** `base` seeds the place; `now` is the world's clock. */
  constructor(base: Random, now: () => number, watch: (bits: number) => void) {
    super();
    this.#base = base;
    this.#key = base.int(HIGH_WORD) | 0;
    this.#now = now;
    this.#watch = watch;
  }

  /** The draws of this moment; asked again in it, others. */
  here(): Random {
    const now = this.#now();
    this.#asked = now === this.#moment ? this.#asked + 1 : 0;
    this.#moment = now;
    const high = Math.floor(now / HIGH_WORD);
    this.#state = Math.imul(this.#key ^ now, 0x85ebca6b) ^ Math.imul(high + 0x632be5ab, 0xc2b2ae35);
    this.#state = (this.#state + Math.imul(this.#asked, 0x27d4eb2f)) | 0;
    return this;
  }

  /** Of the place, not of the moment. */
  fork(label: string | number): Random {
    return this.#base.fork(label);
  }

  protected bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    const word = mix(this.#state);
    this.#watch(word);
    return word >>> 0;
  }
}

function mix(state: number): number {
  let word = state ^ (state >>> 16);
  word = Math.imul(word, 0x21f0aaad);
  word ^= word >>> 15;
  word = Math.imul(word, 0x735a2d97);
  return word ^ (word >>> 15);
}
