/** The two accounts of used crashed calls. */
import assert from 'node:assert/strict';
import {
  ExactAccounts,
  NONE_USED,
  NOT_LEFT,
  RelaxedAccounts,
  type CrashAccounts,
} from '../../../../../checkers/linearizable/frontier/crashes.ts';

/** The account after uses of these classes, of which so many calls each have been invoked. */
function after(accounts: CrashAccounts, uses: readonly number[], invoked = 9): number {
  return uses.reduce((account, index) => accounts.use(account, index, invoked), NONE_USED);
}

describe('ExactAccounts', () => {
  it('should count by class, whatever the order', () => {
    const accounts = new ExactAccounts();
    assert.equal(after(accounts, [0, 3, 3]), after(accounts, [3, 0, 3]));
    assert.notEqual(after(accounts, [0, 3, 3]), after(accounts, [0, 0, 3]));
  });

  it('should not use more calls of a class than were invoked', () => {
    const accounts = new ExactAccounts();
    const two = after(accounts, [1, 1], 2);
    assert.equal(accounts.use(two, 1, 2), NOT_LEFT);
    assert.notEqual(accounts.use(two, 1, 3), NOT_LEFT);
    assert.notEqual(accounts.use(two, 0, 2), NOT_LEFT);
    assert.equal(accounts.isAffordable(), true);
  });

  it('should prefer the one that has used no more of any class', () => {
    const accounts = new ExactAccounts();
    const [less, more, other] = [after(accounts, [1]), after(accounts, [1, 1, 0]), after(accounts, [2])];
    assert.deepEqual([accounts.dominates(less, more), accounts.dominates(more, less)], [true, false]);
    assert.deepEqual([accounts.dominates(less, other), accounts.dominates(other, less)], [false, false]);
    assert.ok(accounts.dominates(NONE_USED, other) && accounts.dominates(other, other));
  });
});

describe('RelaxedAccounts', () => {
  it('should let a class be used any number of times, and tell afterwards whether there were as many', () => {
    const accounts = new RelaxedAccounts();
    const affordable = (uses: readonly number[], invoked: number): boolean =>
      accounts.isAffordable(after(accounts, uses, invoked));
    assert.equal(affordable([0, 1, 0], 1), false);
    assert.equal(affordable([0, 1, 0], 2), true);
    assert.equal(affordable([], 0), true);
  });

  it('should ask at each use for what had been invoked by then', () => {
    const accounts = new RelaxedAccounts();
    const early = accounts.use(accounts.use(NONE_USED, 0, 1), 0, 1);
    assert.equal(accounts.isAffordable(accounts.use(early, 0, 3)), false);
    const late = accounts.use(accounts.use(NONE_USED, 0, 1), 0, 2);
    assert.equal(accounts.isAffordable(accounts.use(late, 0, 3)), true);
  });

  it('should prefer the one with fewer uses, of whatever class', () => {
    const accounts = new RelaxedAccounts();
    const [one, two] = [after(accounts, [5]), after(accounts, [0, 1])];
    assert.deepEqual([accounts.dominates(one, two), accounts.dominates(two, one)], [true, false]);
    assert.ok(accounts.dominates(one, after(accounts, [1])));
  });
});
