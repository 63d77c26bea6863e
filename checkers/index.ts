/**
 * Everything that checks: what `import … from 'splitbrain/checkers'` gives. One line for each checker.
 */
export { consensus } from './consensus.ts';
export { agreement } from './agreement.ts';
export { electionSafety } from './election-safety.ts';
export { errors } from './errors.ts';
export { eventualRelease } from './eventual-release.ts';
export { fencing } from './fencing.ts';
export { leaderObservations } from './leader-observations.ts';
export { checkLease, lease } from './lease.ts';
export { linearizable, checkLinearizable, algorithms } from './linearizable/index.ts';
export { logPatterns } from './log-patterns.ts';
export { lostUpdate } from './lost-update.ts';
export { mutualExclusion } from './mutual-exclusion.ts';
export { progress } from './progress.ts';
export { readerIsolation } from './reader-isolation.ts';
export { sequentialOrder } from './sequential-order.ts';
export { sessions } from './sessions.ts';
export { stats } from './stats.ts';
export { watches } from './watches.ts';
export { checkSequential, checkSessions, checkTwoAtomicity, measureStaleness } from './weaker/index.ts';

export { models } from './models/index.ts';
export { Choice, defineModel, oneOf } from './models/model.ts';

export type { Hold, HoldFindings, Overlap } from './holds.ts';
export type { LeaseTerms } from './lease.ts';
export type { Algorithm, CheckOptions, HistorySource, LinearizableOptions } from './linearizable/index.ts';
export type { FailingPrefix, KeyResult, LinearizableResult } from './linearizable/index.ts';
export type { OperationEvidence, Progress, Reduction, StuckEvidence } from './linearizable/index.ts';
export type { LogPattern } from './log-patterns.ts';
export type { WatchBounds } from './watches.ts';
export type { ModelReference, ModelSource } from './models/load.ts';
export type { CellAccess, Foresight, Model } from './models/model.ts';
export type { ModelOperation } from './models/operation.ts';
export type {
  Guarantee,
  KeyStaleness,
  KeyTwoAtomicity,
  OrderConstraint,
  OrderReason,
  SequentialOptions,
  SequentialResult,
  SessionConflict,
  SessionResult,
  StalenessResult,
  TwoAtomicityResult,
  VersionConstraint,
  ZoneEvidence,
} from './weaker/index.ts';
