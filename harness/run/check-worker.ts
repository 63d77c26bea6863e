/**
 * The thread in which a run's checkers work: it loads them by address, takes the history, and posts each
 * result as it comes, so that what is known is not lost when the thread is ended at its deadline.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Checker } from '../history/checker.ts';
import type { CheckRequest } from './check-run.ts';
import { findWorkload, loadTarget } from './load-target.ts';
import { applicable, runChecker } from './verdicts.ts';

const request = workerData as CheckRequest;
const deadline = performance.now() + request.timeoutMs;
const target = await loadTarget(request.targetModule);
const workload = findWorkload(target, request.workload);
const { standardCheckers } = (await import(request.standardModule)) as {
  standardCheckers: readonly Checker[];
};
const byName = new Map(
  [...workload.checkers, ...(target.checkers ?? []), ...standardCheckers].map((checker) => [
    checker.name,
    checker,
  ]),
);
const checkers = applicable(byName.values(), request.history);
parentPort?.postMessage({ kind: 'plan', checkers: checkers.map(({ name }) => name) });
for (const checker of checkers) {
  const result = await runChecker(checker, request.history, {
    logs: request.logs,
    timeoutMs: Math.max(1, deadline - performance.now()),
  });
  parentPort?.postMessage({ kind: 'result', result });
}
parentPort?.postMessage({ kind: 'done' });
