/** When sessions are over, by the leader's clock. */
import assert from 'node:assert/strict';
import { SessionClock } from '../../../../targets/coordination/session-clock.ts';

const SESSIONS = [
  [1, 1000],
  [2, 500],
] as const;

describe('session clock', () => {
  let clock: SessionClock;
  beforeEach(() => {
    clock = new SessionClock();
    clock.reset();
  });

  it('should end nothing before its leader took office', () => {
    clock.heard(1, 0);
    assert.deepEqual(clock.overdue(SESSIONS, 1e9), []);
    clock.takeOffice(1e9);
    assert.deepEqual(clock.overdue(SESSIONS, 1e9 + 1000), [1, 2]);
  });

  it('should give every session its whole time from when the leader took office', () => {
    clock.takeOffice(100);
    assert.deepEqual(clock.overdue(SESSIONS, 599), []);
    assert.deepEqual(clock.overdue(SESSIONS, 600), [2]);
    assert.deepEqual(clock.overdue(SESSIONS, 1100), [1]);
  });

  it('should count from the last sign of life, and tell each session once', () => {
    clock.takeOffice(0);
    clock.heard(2, 400);
    assert.deepEqual(clock.overdue(SESSIONS, 899), []);
    assert.deepEqual(clock.overdue(SESSIONS, 900), [2]);
    assert.equal(clock.isEnding(2), true);
    assert.equal(clock.isEnding(1), false);
    assert.deepEqual(clock.overdue(SESSIONS, 950), []);
    clock.ended(2);
    assert.equal(clock.isEnding(2), false);
  });

  it('should know nothing of what was heard in another leadership', () => {
    clock.takeOffice(0);
    clock.heard(1, 5000);
    clock.reset();
    clock.takeOffice(100);
    assert.deepEqual(clock.overdue(SESSIONS, 1100), [1, 2]);
  });
});
