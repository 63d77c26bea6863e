/**
 * A register: one value, read and written. Every read gives the value of the latest write.
 */
import { equal, type Json } from '../../harness/json.ts';
import { registerMonitor } from '../linearizable/monitors/register/monitor.ts';
import { readAccess, writeAccess } from './cells.ts';
import { defineModel, show } from './model.ts';

/** The model of a register; starts with `init`, or nil. */
export const register = defineModel<Json>({
  name: 'register',
  summary: 'one value, read and written',
  operations: { read: 'gives the value', write: 'sets the value' },
  init: (value = null) => value,
  step(value, { f, argument, result }) {
    if (f === 'write') return argument;
    return result === undefined || equal(result, value) ? value : undefined;
  },
  pure: ({ f }) => f === 'read',
  blind: ({ f }) => f === 'write',
  cell: (operation) => (operation.f === 'write' ? writeAccess(operation.argument) : readAccess(operation)),
  monitors: [registerMonitor({ read: ['read'], write: ['write'] })],
  describe: ({ f, argument, result }) =>
    f === 'read' ? `read → ${show(result)}` : `write ${show(argument)}`,
});
