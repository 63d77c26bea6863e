/**
 * The rules that a history's processes obey, checked entry by entry: one operation at a time, a completion
 * answers an invocation of the same function, and no process goes on after an `info`. The recorder holds
 * the engine to them, the readers hold files to them.
 */
import { isClient, type Operation } from './operation.ts';

interface ProcessState {
  /** The invocation that is open, if one is, and where it is. */
  open: Operation | undefined;
  openPlace: number;
  /** Where the `info` is that ended this process; -1 if none did. */
  retiredPlace: number;
}

/** Why an entry cannot stand where it stands. */
export interface Violation {
  /** "process 3 invokes read, but its write of line 12 is not completed: expected a completion first". */
  readonly message: string;
  /** The process had ended in `info`: harmless for checkers, and some writers do it. */
  readonly reused: boolean;
}

/** Follows every client process of one history. The nemesis is free of rules. */
export class Processes {
  readonly #states = new Map<number, ProcessState>();
  readonly #unit: string;

  /** `unit`: what the places of entries count, as errors say it: "line". */
  constructor(unit: string) {
    this.#unit = unit;
  }

  /** The open invocation of that process. */
  open(process: number): Operation | undefined {
    return this.#states.get(process)?.open;
  }

  /** Takes the next entry in, which stands at that place. Answers what is wrong with it, if something is. */
  take(operation: Operation, place: number): Violation | undefined {
    if (!isClient(operation)) return undefined;
    let state = this.#states.get(operation.process);
    if (state === undefined) {
      state = { open: undefined, openPlace: 0, retiredPlace: -1 };
      this.#states.set(operation.process, state);
    }
    if (operation.type === 'invoke') return this.#invoke(operation, place, state);
    return this.#complete(operation, place, state);
  }

  #invoke(operation: Operation, place: number, state: ProcessState): Violation | undefined {
    const { open, openPlace, retiredPlace } = state;
    state.open = operation;
    state.openPlace = place;
    if (open !== undefined) {
      const where = `${this.#unit} ${openPlace}`;
      return violation(
        operation,
        `but its ${open.f} of ${where} is not completed: expected a completion first`,
      );
    }
    if (retiredPlace === -1) return undefined;
    state.retiredPlace = -1;
    const where = `${this.#unit} ${retiredPlace}`;
    return violation(operation, `but ended in info at ${where}: expected a new process number`, true);
  }

  #complete(operation: Operation, place: number, state: ProcessState): Violation | undefined {
    const { open } = state;
    state.open = undefined;
    if (operation.type === 'info') state.retiredPlace = place;
    if (open === undefined) {
      return violation(operation, 'but has no operation open: expected an invocation first');
    }
    if (open.f !== operation.f) {
      const where = `${this.#unit} ${state.openPlace}`;
      return violation(operation, `but invoked ${open.f} at ${where}: expected a completion of that`);
    }
    return undefined;
  }
}

const VERBS = { invoke: 'invokes', ok: 'completes', fail: 'fails', info: 'gives up' } as const;

function violation({ process, type, f }: Operation, rest: string, reused = false): Violation {
  return { message: `process ${process} ${VERBS[type]} ${f}, ${rest}`, reused };
}
