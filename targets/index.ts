/**
 * The registry of targets: one line each, the address of the module whose default export is the target.
 * Addresses, because a run's checkers load their target again in a thread of their own.
 */
import { moduleBeside } from '../harness/module-url.ts';

/** All registered targets by name. */
export const targets: Readonly<Record<string, string>> = {
  raft: moduleBeside(import.meta.url, './raft/target'),
  'multi-paxos': moduleBeside(import.meta.url, './multi-paxos/target'),
  paxos: moduleBeside(import.meta.url, './paxos/target'),
  'fast-paxos': moduleBeside(import.meta.url, './fast-paxos/target'),
  'lease-lock': moduleBeside(import.meta.url, './lease-lock/target'),
  redlock: moduleBeside(import.meta.url, './redlock/target'),
  coordination: moduleBeside(import.meta.url, './coordination/target'),
};
