/**
 * What went wrong on the way: errors of failed and indeterminate operations, grouped and counted. Errors are what
 * faults are for, so they are no violation; but a client that threw is a bug of the test, and what it did is unknown.
 */
import { isJsonObject, canonical, type Json } from '../harness/json.ts';
import type { Checker, Problem } from '../harness/history/checker.ts';
import { isClient, type History, type Operation } from '../harness/history/operation.ts';

/** How the harness begins the error of an operation whose client threw. */
const CLIENT_BUG = 'client threw:';

interface ErrorGroup {
  readonly error: string;
  readonly type: 'fail' | 'info';
  readonly operations: Operation[];
}

/** The kind of an error: its text without what differs from one to the next, such as numbers. */
export function kindOf(error: Json): string {
  const text = isJsonObject(error) ? (error['type'] ?? error['code'] ?? error['message'] ?? error) : error;
  return (typeof text === 'string' ? text : canonical(text)).replace(/\d+/g, '#');
}

function groupErrors(history: History): ErrorGroup[] {
  const groups = new Map<string, ErrorGroup>();
  for (const operation of history) {
    const { type, error } = operation;
    if (!isClient(operation) || error === undefined || (type !== 'fail' && type !== 'info')) continue;
    const name = `${type} ${kindOf(error)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { error: kindOf(error), type, operations: [operation] });
    else group.operations.push(operation);
  }
  return [...groups.values()].sort((a, b) => b.operations.length - a.operations.length);
}

function clientBug({ error, operations }: ErrorGroup): Problem {
  const [first] = operations;
  return {
    title: 'The client has a bug',
    explanation: `The target's client threw ${operations.length} times instead of answering: ${typeof first?.error === 'string' ? first.error : error}. What these operations did is unknown.`,
    operations: operations.map(({ index }) => index),
  };
}

/** Failed and indeterminate operations by kind of error; `unknown` if a client threw. */
export const errors: Checker = {
  name: 'errors',
  check(history) {
    const groups = groupErrors(history);
    const total = groups.reduce((sum, { operations }) => sum + operations.length, 0);
    const problems = groups.filter(({ error }) => error.startsWith(CLIENT_BUG)).map(clientBug);
    const [most] = groups;
    const kinds = groups.length === 1 ? '1 kind' : `${groups.length} kinds`;
    return {
      valid: problems.length === 0 ? true : 'unknown',
      summary:
        most === undefined
          ? 'No operation ended with an error.'
          : `${total} operations ended with an error, of ${kinds}; most often "${most.error}" (${most.operations.length}).`,
      problems,
      details: {
        errors: groups.map(({ error, type, operations }) => ({
          error,
          type,
          count: operations.length,
          first: operations[0]?.index ?? null,
        })),
      },
    };
  },
};
