/**
 * The search for an order that keeps every session's own order and that the model allows: depth first over
 * configurations (how far each session has come, the state of each object), none of which is entered twice.
 *
 * An operation that is allowed and never changes any state is taken at once: wherever an order has it later,
 * it may as well have it now. Among the others the one that was invoked first is tried first, since systems
 * are mostly better than they have to be. Where reads tell which writes they saw, an operation waits for all
 * that must come before it, and a value is not overwritten while some read still has to see it, as it would
 * never come back.
 */
import { ILLEGAL } from '../linearizable/state-machine.ts';
import { InternedTuple, Pairs } from './interned-tuple.ts';
import { INITIAL, NOTHING, type Saturation } from './saturation.ts';
import { isCompleted, sessionCount, type SequentialProblem } from './sequential-problem.ts';

/** When the search gives up. */
export interface SequentialLimits {
  /** Asked now and then: milliseconds that are left. */
  readonly remainingMs: () => number;
  /** Bytes that configurations and states may take. */
  readonly memoryBytes: number;
}

/** What the search found. */
export interface SequentialOutcome {
  readonly end: 'found' | 'none' | 'deadline' | 'memory';
  /** The order with the most completed calls of all that were tried. */
  readonly order: readonly number[];
  readonly configurations: number;
}

/** Tries between looks at the clock. A step that the model had to be asked for is always followed by one. */
const LOOKS_AT_CLOCK = 1024;

/** The order so far: how far each session has come, the states of the objects, and the way back. */
class Progress {
  readonly #problem: SequentialProblem;
  readonly #saturation: Saturation | undefined;
  readonly #sessions: number;
  readonly #pairs = new Pairs();
  readonly #configurations = new Pairs();
  readonly #positions: InternedTuple;
  readonly #states: InternedTuple;
  readonly #order: number[] = [];
  /** For each call of the order the state that its object had before it, and the version. */
  readonly #formerStates: number[] = [];
  readonly #formerVersions: number[] = [];
  /** For each object the write whose value it has, as a place among the unread. */
  readonly #versions: Int32Array;
  /** For each write, and behind them for each object's first value, the reads that still have to see it. */
  readonly #unread: Int32Array;
  #completed = 0;
  #stepsAsked = 0;

  constructor(problem: SequentialProblem, saturation: Saturation | undefined) {
    const { calls, machines } = problem;
    this.#problem = problem;
    this.#saturation = saturation;
    this.#sessions = sessionCount(problem);
    this.#positions = new InternedTuple(new Int32Array(this.#sessions), this.#pairs);
    this.#states = new InternedTuple(
      machines.map(({ initial }) => initial),
      this.#pairs,
    );
    this.#versions = Int32Array.from(machines, (_, object) => calls.length + object);
    this.#unread = new Int32Array(calls.length + machines.length);
    for (let call = 0; call < calls.length; call++) this.#countRead(call, 1);
  }

  get depth(): number {
    return this.#order.length;
  }

  /** Completed calls in the order. */
  get completed(): number {
    return this.#completed;
  }

  get order(): readonly number[] {
    return this.#order;
  }

  get configurations(): number {
    return this.#configurations.size;
  }

  get bytes(): number {
    return this.#pairs.bytes + this.#configurations.bytes;
  }

  /** Steps that the models were asked for. */
  get stepsAsked(): number {
    return this.#stepsAsked;
  }

  /** True if the present configuration was never entered before. */
  enter(): boolean {
    const { size } = this.#configurations;
    return this.#configurations.idOf(this.#positions.id, this.#states.id) === size;
  }

  /**
   * Takes every call that is allowed and changes nothing. Where a model leaves open which of several states
   * it is in, a read may tell, so that even a pure call changes what is known; that one has to wait for its
   * turn. Stops early when the time is over.
   */
  takePure(isOver: () => boolean): void {
    for (let session = 0; session < this.#sessions; session++) {
      for (let call = this.#next(session); this.#problem.pure[call] === 1; call = this.#next(session)) {
        if (this.#stateAfter(call) !== this.#stateOf(call) || isOver()) break;
        this.take(call);
      }
    }
  }

  /** Calls that may come next, the one that was invoked first last. */
  candidates(): number[] {
    const { calls } = this.#problem;
    const found: number[] = [];
    for (let session = 0; session < this.#sessions; session++) {
      const call = this.#next(session);
      if (call !== NOTHING && this.#mayCome(call)) found.push(call);
    }
    return found.sort((a, b) => (calls[b]?.invoked ?? 0) - (calls[a]?.invoked ?? 0));
  }

  /** Makes the call the next of the order; false if the model does not allow it. */
  take(call: number): boolean {
    const { session, object } = this.#problem;
    const [own, on] = [session[call] ?? 0, object[call] ?? 0];
    const [state, next] = [this.#stateOf(call), this.#stateAfter(call)];
    if (next === ILLEGAL) return false;
    this.#order.push(call);
    this.#formerStates.push(state);
    this.#formerVersions.push(this.#versions[on] ?? 0);
    this.#positions.set(own, this.#positions.get(own) + 1);
    if (next !== state) this.#states.set(on, next);
    if (this.#saturation?.readsFrom.writes[call] === 1) this.#versions[on] = call;
    this.#countRead(call, -1);
    if (isCompleted(this.#problem, call)) this.#completed++;
    return true;
  }

  /** Takes calls back until so many are left. */
  backTo(depth: number): void {
    const { session, object } = this.#problem;
    while (this.#order.length > depth) {
      const call = this.#order.pop() ?? 0;
      const [own, on] = [session[call] ?? 0, object[call] ?? 0];
      this.#positions.set(own, this.#positions.get(own) - 1);
      const state = this.#formerStates.pop() ?? 0;
      if (state !== this.#states.get(on)) this.#states.set(on, state);
      this.#versions[on] = this.#formerVersions.pop() ?? 0;
      this.#countRead(call, 1);
      if (isCompleted(this.#problem, call)) this.#completed--;
    }
  }

  /** The present state of the call's object. */
  #stateOf(call: number): number {
    return this.#states.get(this.#problem.object[call] ?? 0);
  }

  /** What the call would make of it, or ILLEGAL. */
  #stateAfter(call: number): number {
    const { object, classes, machines } = this.#problem;
    const machine = machines[object[call] ?? 0];
    if (machine === undefined) return ILLEGAL;
    const asked = machine.stepsAsked;
    const next = machine.step(this.#stateOf(call), classes[call] ?? 0);
    this.#stepsAsked += machine.stepsAsked - asked;
    return next;
  }

  /** The session's next call, or NOTHING. */
  #next(session: number): number {
    const { starts } = this.#problem;
    const call = (starts[session] ?? 0) + this.#positions.get(session);
    return call < (starts[session + 1] ?? 0) ? call : NOTHING;
  }

  /** Whether what is known of reads and writes lets the call come now. */
  #mayCome(call: number): boolean {
    if (this.#saturation === undefined) return true;
    const { before, readsFrom } = this.#saturation;
    for (let session = 0; session < this.#sessions; session++) {
      if (this.#positions.get(session) < (before[call * this.#sessions + session] ?? 0)) return false;
    }
    if (readsFrom.writes[call] !== 1) return true;
    const version = this.#versions[this.#problem.object[call] ?? 0] ?? 0;
    const own = this.#sourceOf(call) === version ? 1 : 0;
    return (this.#unread[version] ?? 0) === own;
  }

  #countRead(call: number, change: 1 | -1): void {
    const source = this.#sourceOf(call);
    if (source !== NOTHING) this.#unread[source] = (this.#unread[source] ?? 0) + change;
  }

  /** What the call saw, as a place among the unread, or NOTHING. */
  #sourceOf(call: number): number {
    const source = this.#saturation?.readsFrom.source[call] ?? NOTHING;
    return source === INITIAL ? this.#problem.calls.length + (this.#problem.object[call] ?? 0) : source;
  }
}

/** A configuration whose next calls are being tried. */
interface Frame {
  /** Calls in the order before the one that led here. */
  readonly depth: number;
  /** Next calls that were not tried yet. */
  readonly candidates: number[];
}

class Search {
  readonly #progress: Progress;
  readonly #goal: number;
  readonly #frames: Frame[] = [];
  readonly #look: () => 'deadline' | 'memory' | undefined;
  #longest: readonly number[] = [];
  #longestCompleted = -1;

  constructor(problem: SequentialProblem, saturation: Saturation | undefined, limits: SequentialLimits) {
    this.#progress = new Progress(problem, saturation);
    this.#goal = problem.calls.filter(({ returned }) => returned !== undefined).length;
    this.#look = lookout(problem, this.#progress, limits);
  }

  run(): SequentialOutcome {
    this.#enter(0);
    while (this.#progress.completed < this.#goal) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) return this.#outcome('none');
      const end = this.#look();
      if (end !== undefined) return this.#outcome(end);
      const call = frame.candidates.pop();
      const { depth } = this.#progress;
      if (call === undefined) {
        this.#frames.pop();
        this.#backTo(frame.depth);
      } else if (this.#progress.take(call)) {
        this.#enter(depth);
      }
    }
    return this.#outcome('found');
  }

  /** Begins to try what may come next, unless that was done before in the same configuration. */
  #enter(depth: number): void {
    this.#progress.takePure(() => this.#look() !== undefined);
    if (this.#progress.enter()) this.#frames.push({ depth, candidates: this.#progress.candidates() });
    else if (this.#progress.completed < this.#goal) this.#backTo(depth);
  }

  #backTo(depth: number): void {
    this.#observe();
    this.#progress.backTo(depth);
  }

  /** Remembers the present order if it has more completed calls than any before. */
  #observe(): void {
    const { completed, order } = this.#progress;
    if (completed <= this.#longestCompleted) return;
    this.#longest = [...order];
    this.#longestCompleted = completed;
  }

  #outcome(end: SequentialOutcome['end']): SequentialOutcome {
    this.#observe();
    return { end, order: this.#longest, configurations: this.#progress.configurations };
  }
}

/** Searches for an order of all completed calls; crashed ones may be used or not. Throws a ModelError. */
export function searchSequential(
  problem: SequentialProblem,
  saturation: Saturation | undefined,
  limits: SequentialLimits,
): SequentialOutcome {
  return new Search(problem, saturation, limits).run();
}

/**
 * Tells, whenever it is called, whether a limit is passed or was; it looks only now and then, since looking
 * costs.
 */
function lookout(
  { machines }: SequentialProblem,
  progress: Progress,
  { remainingMs, memoryBytes }: SequentialLimits,
): () => 'deadline' | 'memory' | undefined {
  let looks = 0;
  let asked = -1;
  let end: 'deadline' | 'memory' | undefined;
  return () => {
    const isDue = ++looks % LOOKS_AT_CLOCK === 0;
    if (end !== undefined || (!isDue && progress.stepsAsked === asked)) return end;
    asked = progress.stepsAsked;
    if (remainingMs() < 0) end = 'deadline';
    else if (isDue) {
      const bytes = machines.reduce((sum, machine) => sum + machine.bytes, progress.bytes);
      if (bytes > memoryBytes) end = 'memory';
    }
    return end;
  };
}
