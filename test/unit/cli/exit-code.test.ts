import assert from 'node:assert/strict';
import { exitCodeOf } from '../../../harness/cli/test.ts';

describe('exitCodeOf', () => {
  it('should be 0 only when every run was valid', () => {
    assert.equal(exitCodeOf([true, true], false), 0);
    assert.equal(exitCodeOf([true, 'unknown'], false), 2);
  });

  it('should let a violation outrank everything, whatever came before or after it', () => {
    assert.equal(exitCodeOf([true, false, 'unknown'], false), 1);
    assert.equal(exitCodeOf([false], true), 1);
  });

  it('should be 255 when the harness failed and no violation was found', () => {
    assert.equal(exitCodeOf([true], true), 255);
    assert.equal(exitCodeOf(['unknown'], true), 255);
    assert.equal(exitCodeOf([], true), 255);
  });
});
