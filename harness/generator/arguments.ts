/** What combinators demand of their arguments, so that a slip is told where it was made and not found in a history. */
import { UsageError } from '../errors.ts';

/** Throws a UsageError unless `value` is a whole number of at least `least`. */
export function requireCount(what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`${what} must be a whole number of at least ${least}, not ${value}.`);
  }
}

/** Throws a UsageError unless `value` is a finite number above zero, or zero where that is allowed. */
export function requireAmount(what: string, value: number, zero: 'zero allowed' | 'above zero'): void {
  if (!Number.isFinite(value) || value < 0 || (value === 0 && zero === 'above zero')) {
    throw new UsageError(
      `${what} must be a number ${zero === 'above zero' ? 'above' : 'of at least'} 0, not ${value}.`,
    );
  }
}
