/** The checks that follow a run, together: the first violation is told, and one that fails does not take the others along. */
import assert from 'node:assert/strict';
import type { Operation } from '../../../harness/history/operation.ts';
import { followable, type Found, foundWords, OnlineChecks } from '../../../harness/run/online-checks.ts';
import target, { following, WRONG_FROM } from '../../fixtures/followed-target.ts';

const entry = (index: number): Operation => ({
  index,
  time: index,
  process: 0,
  type: index % 2 === 0 ? 'invoke' : 'ok',
  f: 'read',
  value: null,
});

async function follow(...names: string[]): Promise<{ found: Found | undefined; notes: readonly string[] }> {
  const checks = await OnlineChecks.start(
    names.map((name) => following(name)),
    50,
  );
  let found: Found | undefined;
  for (let index = 0; index < 2 * WRONG_FROM && found === undefined; index++)
    found = checks.add(entry(index));
  return { found, notes: checks.notes };
}

describe('online checks', () => {
  const violation = { checker: 'strict', index: WRONG_FROM, key: 7 };

  it('should tell the first violation, and nothing where there is none', async () => {
    assert.deepEqual(await follow('content', 'strict'), { found: violation, notes: [] });
    assert.deepEqual(await follow('content'), { found: undefined, notes: [] });
  });

  it('should leave out a check that throws, with a note, and go on with the others', async () => {
    const { found, notes } = await follow('throwing', 'strict');
    assert.deepEqual(found, violation);
    assert.deepEqual(notes, [
      `The check "throwing" did not follow the run to its end, for it failed at entry ${WRONG_FROM}: lost my way.`,
    ]);
    assert.equal((await follow('throwing')).found, undefined);
  });

  it('should not take for a violation what is none', async () => {
    const { found, notes } = await follow('babbling');
    assert.equal(found, undefined);
    assert.match(
      notes.join(),
      /"babbling" .* failed at entry 0: expected \{ index \} of it, or undefined; got "wrong"/,
    );
  });

  it('should leave out a check that does not begin, or is not ready in time', async () => {
    const { found, notes } = await follow('refusing', 'waiting', 'strict');
    assert.deepEqual(found, violation);
    assert.match(notes[0] ?? '', /"refusing" .* could not begin: no model/);
    assert.match(notes[1] ?? '', /"waiting" .* could not begin: it was not ready after 0.05 s/);
  });

  it('should be those that follow at all and have a say under the faults of the run', () => {
    const names = (families: string[]): string[] => {
      const checkers = ['strict', 'content', 'none'].map((name) => following(name));
      return followable(target, { checkers }, families).map(({ name }) => name);
    };
    assert.deepEqual(names(['partition']), ['strict', 'content']);
    assert.deepEqual(names(['partition', 'kill']), ['content'], 'what is not claimed does not stop a run');
  });

  it('should say in words what was found', () => {
    assert.equal(foundWords(violation), `key 7 fails the check "strict" up to index ${WRONG_FROM}`);
    assert.equal(
      foundWords({ checker: 'strict', index: 3, key: 'x' }),
      'key x fails the check "strict" up to index 3',
    );
    assert.equal(
      foundWords({ checker: 'strict', index: 3 }),
      'the history fails the check "strict" up to index 3',
    );
  });
});
