/**
 * Properties weaker than linearizability, for systems that promise less, and for saying how far a history is
 * from it: one line for each.
 */
export { checkSequential } from './sequential.ts';
export { checkSessions } from './sessions.ts';
export { measureStaleness } from './staleness.ts';
export { checkTwoAtomicity } from './two-atomicity.ts';

export type { OrderConstraint, SequentialOptions, SequentialResult } from './sequential.ts';
export type { Guarantee, SessionConflict, SessionResult, VersionConstraint } from './sessions.ts';
export type { KeyStaleness, StalenessResult } from './staleness.ts';
export type { KeyTwoAtomicity, TwoAtomicityResult } from './two-atomicity.ts';
export type { OrderReason } from './saturation.ts';
export type { ZoneEvidence } from './zones.ts';
