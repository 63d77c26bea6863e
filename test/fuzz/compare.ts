/**
 * Algorithms against the oracle on random histories. A history follows from seed, subject and number, so that one
 * that two disagree on can be had again by a command.
 */
import { checkLinearizable, type Algorithm } from '../../checkers/index.ts';
import { REDUCTIONS, type Reduction } from '../../checkers/linearizable/search.ts';
import { messageOf } from '../../harness/errors.ts';
import type { History } from '../../harness/history/operation.ts';
import { createRandom, type Random } from '../../harness/random.ts';
import { isLinearizable } from '../unit/checkers/linearizable/oracle.ts';
import { SUBJECTS, type Subject } from '../unit/checkers/linearizable/subjects.ts';
import { falseEvidence } from './evidence.ts';
import { randomHistory } from './random-history.ts';
import { shrunk } from './shrink.ts';

/** Which histories to check, and by what. */
export interface Batch {
  /** Name of the subject. */
  readonly subject: string;
  readonly seed: string;
  /** Numbers of the histories. */
  readonly first: number;
  readonly count: number;
  readonly algorithms: readonly Algorithm[];
}

/** What one algorithm said of the histories of one subject. */
export interface Tally {
  readonly algorithm: Algorithm;
  readonly subject: string;
  linearizable: number;
  not: number;
  /** No verdict: a monitor whose conditions do not hold. */
  undecided: number;
  /** Each disagreement in words, with its history. */
  readonly disagreements: string[];
}

/** How a history is checked. */
interface Way {
  readonly algorithm: Algorithm;
  readonly split: boolean;
  readonly without: readonly Reduction[];
}

/** A verdict and what is wrong with its evidence; or, where there is none, why. */
interface Answer {
  readonly valid: boolean | undefined;
  readonly why: string;
}

/** Whoever disagrees often is wrong in one way: a few histories show it. */
const SHOWN_MAX = 3;

/** Who may answer that it cannot tell: only the monitors, whose conditions need not hold. */
const MAY_DECLINE: readonly string[] = ['monitor'];
/** Whose reductions can be switched off. */
const REDUCED: readonly string[] = ['frontier'];

/** Checks a batch: one tally for each algorithm. */
export async function compare(batch: Batch): Promise<Tally[]> {
  const { seed, first, count, algorithms } = batch;
  const subject = subjectOf(batch);
  const tallies = algorithms.map((algorithm) => newTally(algorithm, batch.subject));
  for (let number = first; number < first + count; number++) {
    const random = createRandom(`${seed}/${batch.subject}/${number}`);
    const history = randomHistory(subject, random);
    const expected = oracle(subject, history);
    const split = subject.product !== undefined || random.chance(0.5);
    for (const tally of tallies) {
      const way = {
        algorithm: tally.algorithm,
        split,
        without: switchedOff(tally.algorithm, number, random),
      };
      const actual = await verdict(subject, history, way);
      record(tally, actual);
      if (agree(actual, expected, way) || tally.disagreements.length >= SHOWN_MAX) continue;
      tally.disagreements.push(await told(batch, number, way, actual, history));
    }
  }
  return tallies;
}

function subjectOf({ subject }: Batch): Subject {
  const found = SUBJECTS[subject];
  if (found === undefined) throw new RangeError(`there is no subject "${subject}"`);
  return found;
}

function newTally(algorithm: Algorithm, subject: string): Tally {
  return { algorithm, subject, linearizable: 0, not: 0, undecided: 0, disagreements: [] };
}

function record(tally: Tally, answer: Answer): void {
  if (answer.valid === true) tally.linearizable++;
  else if (answer.valid === false) tally.not++;
  else tally.undecided++;
}

/** Every second history is checked with all reductions; the others, by turns, without one, without some, without any. */
function switchedOff(algorithm: Algorithm, number: number, random: Random): readonly Reduction[] {
  if (!REDUCED.includes(algorithm) || number % 2 === 0) return [];
  const turn = ((number - 1) / 2) % (REDUCTIONS.length + 2);
  if (turn < REDUCTIONS.length) return REDUCTIONS.slice(turn, turn + 1);
  return turn === REDUCTIONS.length ? REDUCTIONS : REDUCTIONS.filter(() => random.chance(0.5));
}

function oracle({ model, product = model, init }: Subject, history: History): boolean {
  return isLinearizable(history, product, init);
}

async function verdict(subject: Subject, history: History, way: Way): Promise<Answer> {
  const { model, init } = subject;
  try {
    const result = await checkLinearizable(history, { model, init, ...way });
    const { valid, why, keys } = result;
    if (valid !== 'unknown') return { valid, why: falseEvidence(subject, history, result) ?? '' };
    const reason = why ?? keys.find((key) => key.valid === 'unknown')?.why ?? 'it does not say why';
    return { valid: undefined, why: reason };
  } catch (error) {
    return { valid: undefined, why: `it threw: ${messageOf(error)}` };
  }
}

function agree({ valid, why }: Answer, expected: boolean, { algorithm }: Way): boolean {
  if (valid !== undefined) return valid === expected && why === '';
  return MAY_DECLINE.includes(algorithm) && !why.startsWith('it threw');
}

function inWords({ valid, why }: Answer): string {
  if (valid === undefined) return why;
  return why === '' ? String(valid) : `${valid} but ${why}`;
}

/** The disagreement with the smallest history that shows it, and how to have it again. */
async function told(
  batch: Batch,
  number: number,
  way: Way,
  found: Answer,
  history: History,
): Promise<string> {
  const subject = subjectOf(batch);
  const fails = async (candidate: History): Promise<boolean> =>
    !agree(await verdict(subject, candidate, way), oracle(subject, candidate), way);
  const small = await shrunk(history, fails);
  const now = await verdict(subject, small, way);
  const again = agree(now, oracle(subject, small), way) ? ' (but not when asked again)' : '';
  const reductions = way.without.length === 0 ? '' : ` without ${way.without.join(', ')}`;
  return [
    `${way.algorithm}${reductions}${way.split ? '' : ', not split'} says ${inWords(again === '' ? now : found)}${again}, and ` +
      `the oracle ${oracle(subject, small)}, of ${batch.subject}, init ${JSON.stringify(subject.init)}:`,
    ...small.map((entry) => JSON.stringify(entry)),
    `node test/fuzz/run.ts --seed ${batch.seed} --subject '${batch.subject}' --algorithm ${way.algorithm} ` +
      `--first ${number} --histories 1`,
  ].join('\n');
}
