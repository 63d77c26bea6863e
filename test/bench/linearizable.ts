/** The parts of the linearizability checker's benchmark. */
import type { Benchmark } from './benchmark.ts';
import { corpus } from './linearizable-corpus.ts';
import { explanations } from './linearizable-explain.ts';
import { files } from './linearizable-files.ts';
import { casRegisters, collections, crashes, registers, stores } from './linearizable-generated.ts';
import { growth } from './linearizable-growth.ts';

/** In the order in which they run. */
export const linearizable: readonly Benchmark[] = [
  registers,
  casRegisters,
  crashes,
  collections,
  stores,
  files,
  growth,
  corpus,
  explanations,
];
