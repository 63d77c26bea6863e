/**
 * Histories of any width: clients that work at once on an object that does what its model says, each operation taking effect at
 * some moment between its invocation and its return. So they are linearizable; a test makes one wrong by changing an answer.
 */
import { pairCalls, type Call, type History, type Operation } from '../../../../harness/history/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import type { Random } from '../../../../harness/random.ts';
import { TICK } from '../histories.ts';
import type { Sample, Subject } from './subjects.ts';

/** How many clients are busy at once, how many operations there are, and the part of them that crashes. */
export interface Shape {
  readonly clients: number;
  readonly operations: number;
  readonly crashes: number;
}

interface Running {
  readonly process: number;
  readonly sample: Sample;
  readonly crashes: boolean;
  /** Undefined while it has not taken effect. */
  answer: Json | undefined;
}

/** A linearizable history. Every value is written once. The clients begin together. */
export function play({ model, init, draws }: Subject, random: Random, shape: Shape): History {
  const entries: Operation[] = [];
  const running: Running[] = [];
  let [state, written, processes, left] = [model.init(init), 1, 0, shape.operations];
  const write = (process: number, type: Operation['type'], { f }: Sample, value: Json): void => {
    entries.push({ index: entries.length, time: entries.length * TICK, process, type, f, value });
  };
  const invoke = (): void => {
    const sample = random.pick(draws)(() => written++, random);
    const process = processes++;
    write(process, 'invoke', sample, sample.argument);
    running.push({ process, sample, crashes: random.chance(shape.crashes), answer: undefined });
    left--;
  };
  /** The first answer that the model allows now. */
  const apply = (operation: Running): void => {
    const { f, argument, results } = operation.sample;
    for (const result of results([state])) {
      const next = model.step(state, { f, argument, result });
      if (next === undefined) continue;
      [state, operation.answer] = [next, result];
      return;
    }
  };
  while (left > 0 || running.length > 0) {
    while (left > 0 && running.length < shape.clients) invoke();
    const operation = random.pick(running);
    if (operation.answer === undefined) apply(operation);
    else if (random.chance(0.5)) {
      running.splice(running.indexOf(operation), 1);
      if (!operation.crashes) write(operation.process, 'ok', operation.sample, operation.answer);
    }
  }
  return entries;
}

/** The history in which the last completed operation that `picks` says answers otherwise. */
export function withAnswer(history: History, picks: (call: Call) => boolean, answer: Json): History {
  const changed = pairCalls(history).findLast((call) => call.completion?.type === 'ok' && picks(call));
  if (changed === undefined) throw new RangeError('there is no such operation');
  return history.map((entry) => (entry === changed.completion ? { ...entry, value: answer } : entry));
}
