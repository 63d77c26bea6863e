/**
 * What a generated test asserts: the run of its `repro.json`, done again, is found wrong by no checker.
 */
import { AssertionError } from 'node:assert';
import { fileURLToPath } from 'node:url';
import { fromHere, quoted } from '../shell.ts';
import { describeScenario } from './describe.ts';
import { evaluatorHere } from './evaluate.ts';
import { kitFor, readEarlier } from './replay.ts';

/**
 * Runs the scenario of a `repro.json` in the simulator and checks it.
 *
 * @throws AssertionError with what failed and the scenario as a table, for as long as it fails
 * @throws UsageError when the file is none, or names what is not there
 */
export async function assertMended(file: string | URL): Promise<void> {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  const earlier = await readEarlier(path);
  const { scenario } = earlier;
  const { failure } = await evaluatorHere(await kitFor(earlier)).evaluate(scenario);
  if (failure === undefined) return;
  throw new AssertionError({
    message: `${failure.kind}: ${failure.summary}\n\n${describeScenario(scenario)}\n\nTo see more: npx splitbrain replay ${quoted(fromHere(path))}`,
    stackStartFn: assertMended,
  });
}
