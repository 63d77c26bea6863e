/**
 * A register with compare-and-set. A `cas` that completed `ok` found what it expected, unless its result is
 * false: then it is an observation that the register held something else.
 *
 * A `cas` that completed `fail` did not happen and, as everywhere, says nothing: Jepsen's clients answer `fail`
 * for a mismatch and for a refused connection alike.
 */
import { equal, type Json } from '../../harness/json.ts';
import { registerMonitor } from '../linearizable/monitors/register/monitor.ts';
import { casAccess, changesNothing, missed, readAccess, writeAccess } from './cells.ts';
import { defineModel, pairOf, show } from './model.ts';

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
  pure: (operation) => operation.f === 'read' || changesNothing(operation),
  blind: ({ f }) => f === 'write',
  cell(operation) {
    if (operation.f === 'write') return writeAccess(operation.argument);
    return operation.f === 'read' ? readAccess(operation) : casAccess(operation);
  },
  monitors: [registerMonitor({ read: ['read'], write: ['write'], cas: ['cas'] })],
  describe(operation) {
    const { f, argument, result } = operation;
    if (f === 'read') return `read → ${show(result)}`;
    if (f === 'write') return `write ${show(argument)}`;
    const [expected, next] = pairOf(operation);
    return `cas ${show(expected)} → ${show(next)}${missed(operation) ? ' (did not match)' : ''}`;
  },
});
