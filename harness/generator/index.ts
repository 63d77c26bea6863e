/**
 * Everything that says which operation comes next. README.md shows each with an example.
 */
export * from './generator.ts';
export { filter, fromFunction, limit, map, nothing, once, op, repeat } from './basic.ts';
export type { FunctionAnswer, ValueSource } from './basic.ts';
export { any, mix, weightedMix } from './choice.ts';
export { Workers } from './context.ts';
export { defer } from './defer.ts';
export { eachThread, reserve } from './groups.ts';
export { concurrentKeys, onKey } from './keys.ts';
export type { KeySource } from './keys.ts';
export { cycle, flipFlop, phases, sequence, synchronize } from './sequence.ts';
export { imperfectOutcomes, invocationsOf, perfectOutcomes, quickOutcomes, simulate } from './simulate.ts';
export type { Outcome, Outcomes, SimulationOptions } from './simulate.ts';
export { isOperation, settle, timeOf } from './step.ts';
export type { Settled } from './step.ts';
export { seeded, stream } from './stream.ts';
export { clients, clientsAndNemesis, nemesis, onThreads, processLimit } from './threads.ts';
export { delay, rate, sleep, stagger, timeLimit } from './time.ts';
export { untilOk } from './until-ok.ts';
export { validate } from './validate.ts';
export { Wrapper } from './wrapper.ts';
