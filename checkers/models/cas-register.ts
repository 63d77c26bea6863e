/**
 * A register with compare-and-set. A `cas` that completed `ok` found what it expected, unless its result is
 * false: then it is an observation that the register held something else.
 *
 * A `cas` that completed `fail` did not happen and, as everywhere, says nothing: Jepsen's clients answer `fail`
 * for a mismatch and for a refused connection alike.
 */
import { equal, type Json } from '../../harness/json.ts';
import { defineModel, pairOf, show, type ModelOperation } from './model.ts';

const missed = ({ f, result }: ModelOperation): boolean => f === 'cas' && result === false;

/** The model of a register with compare-and-set; starts with `init`, or nil. */
export const casRegister = defineModel<Json>({
  name: 'cas-register',
  summary: 'one value, read, written and compared-and-set',
  operations: { read: 'gives the value', write: 'sets the value', cas: 'takes [expected, next]' },
  init: (value = null) => value,
  step(value, operation) {
    const { f, argument, result } = operation;
    if (f === 'write') return argument;
    if (f === 'read') return result === undefined || equal(result, value) ? value : undefined;
    const [expected, next] = pairOf(operation);
    if (missed(operation)) return equal(expected, value) ? undefined : value;
    return equal(expected, value) ? next : undefined;
  },
  pure: (operation) => operation.f === 'read' || missed(operation),
  describe(operation) {
    const { f, argument, result } = operation;
    if (f === 'read') return `read → ${show(result)}`;
    if (f === 'write') return `write ${show(argument)}`;
    const [expected, next] = pairOf(operation);
    return `cas ${show(expected)} → ${show(next)}${missed(operation) ? ' (did not match)' : ''}`;
  },
});
