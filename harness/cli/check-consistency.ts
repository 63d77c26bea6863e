/**
 * What `splitbrain check --consistency` can ask of a history, strongest first, and what to call a history that has it.
 */
export const consistencies = ['linearizable', 'sequential', 'sessions', '2-atomic', 'staleness'] as const;

/** What is asked of a history. */
export type Consistency = (typeof consistencies)[number];

/** All but linearizability, each of which has an algorithm of its own. */
export type WeakerConsistency = Exclude<Consistency, 'linearizable'>;

/** What a history is that has it. One that has it not is NOT that. */
export const ADJECTIVES: Readonly<Record<Consistency, string>> = {
  linearizable: 'linearizable',
  sequential: 'sequentially consistent',
  sessions: 'session-consistent',
  '2-atomic': '2-atomic',
  staleness: 'fresh enough',
};
