/**
 * A running checksum over everything that a simulation draws and does. Two runs that end on the same number did
 * the same things in the same order; it is what "the same seed gives the same run" is tested with.
 */

/** Folds whole numbers into 32 bits, in a few nanoseconds each. Not for secrets. */
export class Checksum {
  #state = 0x9747b28c;

  /** Takes the low 32 bits of the number. */
  fold(value: number): void {
    // The multiplication carries bits up, the shift brings them down again: every bit comes to matter to every other.
    const mixed = Math.imul(this.#state ^ value, 0x5bd1e995);
    this.#state = mixed ^ (mixed >>> 15);
  }

  /** What it amounts to so far, as eight hexadecimal digits. */
  get text(): string {
    return (this.#state >>> 0).toString(16).padStart(8, '0');
  }
}
