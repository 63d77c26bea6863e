import assert from 'node:assert/strict';
import { UsageError } from '../../../harness/errors.ts';
import { chooseRows, nameOf, type Choice } from '../../mutants/row.ts';
import { cautious, store } from './sample-targets.ts';

const chosen = (choice: Choice): string[] =>
  chooseRows([store, cautious], choice)
    .map(nameOf)
    .map(({ target, variant, runtime }) => `${runtime} ${target} ${variant}`);

describe('chooseRows', () => {
  it('should take every variant and every correct target on both runtimes, simulations first', () => {
    const each = ['store forgets', 'store dawdles', 'store correct', 'cautious correct'];
    assert.deepEqual(chosen({}), [
      ...each.map((name) => `sim ${name}`),
      ...each.map((name) => `docker ${name}`),
    ]);
  });

  it('should take what is named, where it is', () => {
    assert.deepEqual(chosen({ targets: ['cautious'], runtimes: ['sim'] }), ['sim cautious correct']);
    assert.deepEqual(chosen({ only: ['forgets', 'correct'], runtimes: ['docker'] }), [
      'docker store forgets',
      'docker store correct',
      'docker cautious correct',
    ]);
  });

  it('should refuse names that there are not, and say which there are', () => {
    const refused = (choice: Choice, message: RegExp): void =>
      assert.throws(
        () => chosen(choice),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    refused({ targets: ['shop'] }, /--target: .*"shop".* store, cautious/);
    refused({ only: ['lies'] }, /--only: .*"lies".* forgets, dawdles, correct/);
    refused(
      { targets: ['cautious'], only: ['forgets'] },
      /variant of cautious called "forgets"; there are correct$/,
    );
    refused({ runtimes: ['process'] }, /--runtime: .*"process".* sim, docker/);
  });
});
