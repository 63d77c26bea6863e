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

  /** What it amounts to so far: 32 bits. */
  get value(): number {
    return this.#state >>> 0;
  }

  /** The same as eight hexadecimal digits. */
  get text(): string {
    return this.value.toString(16).padStart(8, '0');
  }
}

/** The checksum of a text. */
export function checksumOf(text: string): number {
  const checksum = new Checksum();
  for (let index = 0; index < text.length; index++) checksum.fold(text.charCodeAt(index));
  return checksum.value;
}
