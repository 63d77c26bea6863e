/**
 * The rules that a history's processes obey, checked entry by entry: one operation at a time, a completion
 * answers an invocation of the same function, and no process goes on after an `info`. The recorder holds
 * the engine to them, the readers hold files to them.
 */
import { isClient, type Operation } from './operation.ts';

interface ProcessState {
  /** The invocation that is open, if one is. */
  open: Operation | undefined;
  /** The `info` that ended this process, if one did. */
  retired: Operation | undefined;
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
  readonly #placeOf: (operation: Operation) => string;

  /** `placeOf` says where an earlier entry is: "line 12". */
  constructor(placeOf: (operation: Operation) => string) {
    this.#placeOf = placeOf;
  }

  /** The open invocation of that process. */
  open(process: number): Operation | undefined {
    return this.#states.get(process)?.open;
  }

  /** Takes the next entry in. Answers what is wrong with it, if something is. */
  take(operation: Operation): Violation | undefined {
    if (!isClient(operation)) return undefined;
    let state = this.#states.get(operation.process);
    if (state === undefined) {
      state = { open: undefined, retired: undefined };
      this.#states.set(operation.process, state);
    }
    return operation.type === 'invoke' ? this.#invoke(operation, state) : this.#complete(operation, state);
  }

  #invoke(operation: Operation, state: ProcessState): Violation | undefined {
    const { open, retired } = state;
    state.open = operation;
    if (open !== undefined) {
      const place = this.#placeOf(open);
      return violation(
        operation,
        `but its ${open.f} of ${place} is not completed: expected a completion first`,
      );
    }
    if (retired !== undefined) {
      state.retired = undefined;
      const place = this.#placeOf(retired);
      return violation(operation, `but ended in info at ${place}: expected a new process number`, true);
    }
    return undefined;
  }

  #complete(operation: Operation, state: ProcessState): Violation | undefined {
    const { open } = state;
    state.open = undefined;
    if (operation.type === 'info') state.retired = operation;
    if (open === undefined) {
      return violation(operation, 'but has no operation open: expected an invocation first');
    }
    if (open.f !== operation.f) {
      const place = this.#placeOf(open);
      return violation(operation, `but invoked ${open.f} at ${place}: expected a completion of that`);
    }
    return undefined;
  }
}

const VERBS = { invoke: 'invokes', ok: 'completes', fail: 'fails', info: 'gives up' } as const;

function violation({ process, type, f }: Operation, rest: string, reused = false): Violation {
  return { message: `process ${process} ${VERBS[type]} ${f}, ${rest}`, reused };
}
