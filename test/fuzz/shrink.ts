/**
 * Makes a history on which two checkers disagree small: operations are left out one at a time as long as they still
 * disagree. That the disagreement is one of the history, and not of the draws that made it, is why it is shrunk here
 * and not by the generator.
 */
import { pairCalls, type Call, type History } from '../../harness/history/operation.ts';

/** A history that still fails, of which no operation can be left out. */
export async function shrunk(
  history: History,
  fails: (candidate: History) => Promise<boolean>,
): Promise<History> {
  for (const call of pairCalls(history)) {
    const candidate = without(history, call);
    if (await fails(candidate)) return shrunk(candidate, fails);
  }
  return history;
}

function without(history: History, { invoke, completion }: Call): History {
  return history
    .filter((entry) => entry !== invoke && entry !== completion)
    .map((entry, index) => ({ ...entry, index }));
}
