/** What it costs to say why a history is not linearizable, beside the bare verdict: no more than as much again, or a moment. */
import type { Benchmark, Measurement } from './benchmark.ts';
import { measureCheck, type Load } from './check-load.ts';
import { casKinds, collectionKinds, kvKind, makeLoad, PLACES, registerKind } from './loads.ts';
import { readCorpus } from './recorded.ts';

const FACTOR = 2;
/** `explainMs`, which an explanation may take however little the verdict took; and what a decision in it may overrun. */
const MOMENT_MS = 25;
/** Bare verdicts that take less are not told one by one. */
const WORTH_MS = 2;

function* generated(): Iterable<Load> {
  const bad = PLACES.filter(({ wrongAt }) => wrongAt !== undefined);
  for (const place of bad) {
    for (const kind of [registerKind, ...casKinds])
      yield makeLoad(kind, { operations: 10_000, clients: 10, place });
    for (const kind of [...collectionKinds, kvKind(1000)])
      yield makeLoad(kind, { operations: 100_000, clients: 50, place });
  }
}

async function explained(load: Load): Promise<{ readonly bareMs: number; readonly full: Measurement }> {
  const bareMs = (await measureCheck(load)).ms;
  const full = await measureCheck({
    ...load,
    explain: true,
    goalMs: Math.max(FACTOR * bareMs, bareMs + MOMENT_MS),
  });
  const ratio = `bare ${bareMs.toFixed(1)} ms, ratio ${(full.ms / bareMs).toFixed(2)}, ${full.outcome ?? ''}`;
  return { bareMs, full: { ...full, outcome: ratio } };
}

/** By operation. */
export const explanations: Benchmark = {
  name: 'linearizable-explain',
  async *run() {
    let [files, bare, full] = [0, 0, 0];
    for (const { file, ...recorded } of (await readCorpus()).filter(({ valid }) => !valid)) {
      const both = await explained({ ...recorded, name: file });
      files++;
      bare += both.bareMs;
      full += both.full.ms;
      if (both.bareMs > WORTH_MS) yield both.full;
    }
    const outcome = `bare ${bare.toFixed(1)} ms, ratio ${(full / bare).toFixed(2)}`;
    if (files > 0) yield { name: 'all bad ones of the corpus', operations: files, ms: full, outcome };
    for (const load of generated()) yield (await explained(load)).full;
  },
};
