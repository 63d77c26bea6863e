import assert from 'node:assert/strict';
import { parseOptions } from '../../mutants/options.ts';

describe('parseOptions', () => {
  it('should take everything unless told otherwise', () => {
    assert.deepEqual(parseOptions([]), { out: 'store' });
  });

  it('should take lists of names', () => {
    const options = parseOptions([
      '--target',
      'raft,paxos',
      '--only',
      'a,b',
      '--runtime',
      'sim',
      '--missing',
    ]);
    assert.deepEqual(options, {
      targets: ['raft', 'paxos'],
      only: ['a', 'b'],
      runtimes: ['sim'],
      missing: true,
      out: 'store',
    });
  });
});
