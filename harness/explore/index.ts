/**
 * The package's entry `splitbrain/explore`: simulated clusters in one's own tests.
 */
export { default as fc } from 'fast-check';
export type { Failure } from './evaluate.ts';
export { assertMended } from './mended.ts';
export { clusterProperty } from './property.ts';
export type { ClusterPropertyOptions } from './property.ts';
export type { Scenario } from './scenario.ts';
