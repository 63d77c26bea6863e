/**
 * Passes over the clients' operations: fewer keys, fewer client threads, fewer operations, smaller numbers.
 */
import { canonical, isJsonObject, type Json } from '../../json.ts';
import type { ScheduledOperation } from '../../run/script.ts';
import { leavesOf } from '../size.ts';
import { withoutParts, type Pass } from './pass.ts';

/** None at all, or those on one key: keys have nothing to do with one another for most checkers. The last used first. */
export const oneKey: Pass = function* (scenario) {
  const { operations } = scenario;
  if (operations === undefined) return;
  yield { scenario: { ...scenario, operations: [] }, cursor: [] };
  const keys = keysOf(operations);
  if (keys.length < 2) return;
  for (const key of keys.reverse())
    yield { scenario: { ...scenario, operations: operations.filter(on([key])) }, cursor: [] };
};

/** Some keys only. */
export const fewerKeys: Pass = function* (scenario, from, { partsMax }) {
  const { operations = [] } = scenario;
  const keys = keysOf(operations);
  if (keys.length < 2) return;
  for (const { kept, cursor } of withoutParts(keys, from, partsMax))
    yield { scenario: { ...scenario, operations: operations.filter(on(kept)) }, cursor };
};

/** What some client threads do is left out. */
export const fewerThreads: Pass = function* (scenario, from, { partsMax }) {
  const { operations = [] } = scenario;
  const threads = threadsOf(operations);
  if (threads.length < 2) return;
  for (const { kept, cursor } of withoutParts(threads, from, partsMax)) {
    const left = operations.filter(({ thread }) => kept.includes(thread));
    yield { scenario: { ...scenario, operations: left }, cursor };
  }
};

/** Operations are left out. */
export const fewerOperations: Pass = function* (scenario, from, { partsMax }) {
  for (const { kept, cursor } of withoutParts(scenario.operations ?? [], from, partsMax))
    yield { scenario: { ...scenario, operations: kept }, cursor };
};

/** The same operations on fewer client threads, or on threads that are numbered from 0. */
export const sharedThreads: Pass = function* (scenario) {
  const { operations } = scenario;
  if (operations === undefined) {
    for (let count = 1; count < scenario.concurrency; count *= 2)
      yield { scenario: { ...scenario, concurrency: count }, cursor: [] };
    return;
  }
  const threads = threadsOf(operations);
  const concurrency = Math.max(0, ...threads) + 1;
  yield { scenario: { ...scenario, concurrency }, cursor: [] };
  for (const count of threads.map((_, index) => index + 1)) {
    const shared = operations.map((operation) => ({
      ...operation,
      thread: threads.indexOf(operation.thread) % count,
    }));
    yield { scenario: { ...scenario, concurrency: count, operations: shared }, cursor: [] };
  }
};

/**
 * Numbers in keys and values that are as small as they can be while different ones stay different and in order:
 * checkers tell writes apart by their values.
 */
export const smallNumbers: Pass = function* (scenario) {
  const { operations } = scenario;
  if (operations === undefined) return;
  const smallValue = renumbered(
    operations.map(({ value }) => value),
    1,
  );
  const smallKey = renumbered(
    operations.map(({ key }) => key ?? null),
    0,
  );
  const values = operations.map((operation) => ({ ...operation, value: smallValue(operation.value) }));
  const both = values.map(withKey(smallKey));
  for (const simpler of [both, values, operations.map(withKey(smallKey))])
    yield { scenario: { ...scenario, operations: simpler }, cursor: [] };
};

/** Canonical texts of the keys in use, in the order of their last use; operations without key have one of their own. */
function keysOf(operations: readonly ScheduledOperation[]): string[] {
  const last = new Map<string, number>();
  for (const operation of operations)
    last.set(textOf(operation), Math.max(operation.at, last.get(textOf(operation)) ?? 0));
  return [...last.keys()].sort((a, b) => (last.get(a) ?? 0) - (last.get(b) ?? 0));
}

function textOf({ key }: ScheduledOperation): string {
  return key === undefined ? '' : canonical(key);
}

function on(keys: readonly string[]): (operation: ScheduledOperation) => boolean {
  const wanted = new Set(keys);
  return (operation) => wanted.has(textOf(operation));
}

function threadsOf(operations: readonly ScheduledOperation[]): number[] {
  return [...new Set(operations.map(({ thread }) => thread))].sort((a, b) => a - b);
}

function withKey(small: (key: Json) => Json): (operation: ScheduledOperation) => ScheduledOperation {
  return (operation) =>
    operation.key === undefined ? operation : { ...operation, key: small(operation.key) };
}

/** A function that gives whole numbers of these values their rank, from `least` or from 0 if that is among them. */
function renumbered(values: readonly Json[], least: number): (value: Json) => Json {
  const whole = leavesOf(values).filter((leaf) => Number.isInteger(leaf)) as number[];
  const numbers = [...new Set(whole)].filter((number) => number >= 0).sort((a, b) => a - b);
  const first = numbers[0] === 0 ? 0 : least;
  const ranks = new Map(numbers.map((number, index) => [number, first + index]));
  const small = (value: Json): Json => {
    if (typeof value === 'number') return ranks.get(value) ?? value;
    if (Array.isArray(value)) return value.map((item) => small(item as Json));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, small(field)]));
  };
  return small;
}
