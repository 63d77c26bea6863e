/**
 * Tampering: which nodes' files one fault has in its hands. Two at once would keep backups of each other's damage, and who
 * puts one of those back spoils a disk for good; so the second finds that the first has it.
 */
import type { FaultLedger } from '../harness/cluster/fault.ts';
import type { NodeId } from '../harness/node/program.ts';

/** Of each ledger: the families share it, and nobody else asks. */
const books = new WeakMap<FaultLedger, Set<NodeId>>();

function bookOf(ledger: FaultLedger): Set<NodeId> {
  const book = books.get(ledger) ?? new Set<NodeId>();
  books.set(ledger, book);
  return book;
}

/** Those of the nodes whose files no fault has; a sentence when there is none. */
export function untampered(nodes: readonly NodeId[], ledger: FaultLedger): readonly NodeId[] | string {
  const left = nodes.filter((node) => !bookOf(ledger).has(node));
  return left.length > 0 ? left : `another fault has the files of ${nodes.join(' ')}`;
}

/** One fault has the files of these nodes from now on. */
export function takeFiles(nodes: readonly NodeId[], ledger: FaultLedger): void {
  for (const node of nodes) bookOf(ledger).add(node);
}

/** It has them no more. */
export function giveFilesBack(nodes: readonly NodeId[], ledger: FaultLedger): void {
  for (const node of nodes) bookOf(ledger).delete(node);
}
