/**
 * Everything that checks: what `import … from 'splitbrain/checkers'` gives. One line for each checker.
 */
export { electionSafety } from './election-safety.ts';
export { errors } from './errors.ts';
export { linearizable, checkLinearizable } from './linearizable/index.ts';
export { logPatterns } from './log-patterns.ts';
export { progress } from './progress.ts';
export { stats } from './stats.ts';

export { models } from './models/index.ts';
export { defineModel } from './models/model.ts';

export type { Algorithm, CheckOptions, KeyResult, LinearizableOptions } from './linearizable/index.ts';
export type { LinearizableResult, OperationEvidence, Progress } from './linearizable/index.ts';
export type { LogPattern } from './log-patterns.ts';
export type { ModelReference, ModelSource } from './models/load.ts';
export type { Model, ModelOperation } from './models/model.ts';
