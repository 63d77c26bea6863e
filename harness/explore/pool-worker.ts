/**
 * A process that evaluates scenarios for a pool (pool.ts), one after another, each in the main thread, because a
 * simulation needs the event loop for itself. It lives as long as the channel to its parent does.
 */
import { onRunAway } from '../cluster/sim/run-away.ts';
import { messageOf, UsageError } from '../errors.ts';
import { evaluatorHere, type Evaluator } from './evaluate.ts';
import { loadKit } from './kit.ts';
import type { Answer, Question } from './pool-messages.ts';

let evaluator: Promise<Evaluator> | undefined;

async function answerTo(question: Question): Promise<Answer | undefined> {
  if (question.kind === 'load') {
    evaluator = loadKit(question.addresses).then(evaluatorHere);
    // Whether it failed is said when it is needed.
    evaluator.catch(() => undefined);
    return undefined;
  }
  try {
    const outcome = await (await evaluator)?.evaluate(question.scenario, question.wish);
    return outcome === undefined ? undefined : { kind: 'outcome', outcome };
  } catch (error) {
    const kind = error instanceof UsageError ? 'usage' : 'harness';
    return { kind: 'error', error: kind, message: messageOf(error) };
  }
}

function send(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}

process.on('message', (question) => {
  void answerTo(question as Question).then((answer) => {
    if (answer !== undefined) send(answer);
  });
});
onRunAway(({ summary }) => send({ kind: 'run-away', summary }));
// Ctrl-C goes to all processes of a terminal; the parent decides what becomes of this one.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
