/** Features of runs: the same for the same behaviour, others for another, whatever the numbers in it. */
import assert from 'node:assert/strict';
import type { SimNote } from '../../../harness/cluster/sim/observer.ts';
import { Behaviours } from '../../../harness/explore/behaviours.ts';
import type { SimulatedRun } from '../../../harness/explore/simulate.ts';
import type { LogEntry } from '../../../harness/history/checker.ts';
import type { Operation } from '../../../harness/history/operation.ts';

interface Seen {
  readonly notes?: readonly SimNote[];
  readonly events?: readonly string[];
  readonly results?: readonly Pick<Operation, 'type' | 'f' | 'error'>[];
}

function featuresOf({ notes = [], events = [], results = [] }: Seen): Set<number> {
  const behaviours = new Behaviours();
  for (const [time, note] of notes.entries()) behaviours.note({ time, ...note });
  const log = events.map((event, time): LogEntry => ({ time, level: 'info', event }));
  const history = results.map((result, index) => ({ index, time: 0, process: 1, value: null, ...result }));
  return new Set(behaviours.of({ history, logs: { n1: log } } as unknown as SimulatedRun));
}

const message = (type: string, to = 'n2'): SimNote[] => [
  { what: 'send', id: 1, from: 'n1', to, message: { type } },
  { what: 'deliver', id: 1, from: 'n1', to },
];
const state = (node: string, role: string, epoch = 1): SimNote => ({
  what: 'state',
  node,
  status: { role, epoch },
});

describe('behaviours', () => {
  it('should be none where nothing happened, and the same where the same did', () => {
    assert.equal(featuresOf({}).size, 0);
    const notes = [state('n2', 'follower'), ...message('vote')];
    assert.deepEqual(featuresOf({ notes }), featuresOf({ notes }));
    assert.equal(featuresOf({ notes }).size, 2);
  });

  const unlike: readonly (readonly [string, Seen, Seen])[] = [
    ['types of messages', { notes: message('vote') }, { notes: message('append') }],
    [
      'roles of those who receive them',
      { notes: [state('n2', 'follower'), state('n3', 'leader'), ...message('vote', 'n2')] },
      { notes: [state('n2', 'follower'), state('n3', 'leader'), ...message('vote', 'n3')] },
    ],
    ['ways in which messages are lost', { notes: lost('cut') }, { notes: lost('down') }],
    ['orders of log events', { events: ['voted', 'led'] }, { events: ['led', 'voted'] }],
    [
      'outcomes of operations',
      { results: [{ type: 'ok', f: 'read' }] },
      { results: [{ type: 'info', f: 'read', error: 'late' }] },
    ],
    [
      'changes of leader',
      { notes: [state('n1', 'leader', 1), state('n1', 'follower', 2), state('n1', 'leader', 3)] },
      { notes: [state('n1', 'leader', 1), state('n1', 'follower', 2), state('n2', 'leader', 3)] },
    ],
    [
      'how often',
      { notes: message('vote') },
      { notes: Array.from({ length: 40 }, () => message('vote')).flat() },
    ],
  ];
  for (const [what, one, other] of unlike)
    it(`should tell apart ${what}`, () => assert.notDeepEqual(featuresOf(one), featuresOf(other)));

  const alike: readonly (readonly [string, Seen, Seen])[] = [
    ['names of nodes', { notes: message('vote', 'n2') }, { notes: message('vote', 'n3') }],
    ['how large an epoch is', { notes: [state('n1', 'leader', 3)] }, { notes: [state('n1', 'leader', 9)] }],
    [
      'numbers in errors',
      { results: [{ type: 'info', f: 'read', error: 'no answer within 3000 ms' }] },
      { results: [{ type: 'info', f: 'read', error: 'no answer within 1500 ms' }] },
    ],
  ];
  for (const [what, one, other] of alike)
    it(`should not care about ${what}`, () => assert.deepEqual(featuresOf(one), featuresOf(other)));
});

function lost(why: 'cut' | 'down'): SimNote[] {
  return [...message('vote').slice(0, 1), { what: 'drop', id: 1, from: 'n1', to: 'n2', why }];
}
