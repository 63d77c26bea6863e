/**
 * When a search at work asks whether it should pause: seldom, since asking costs, but after each step that the model was asked for,
 * which may have been slow.
 */
import type { StateMachine } from './state-machine.ts';

const CALLS_BETWEEN_LOOKS = 512;

/** Tells, whenever it is called, whether to pause; it asks `paused` only now and then. */
export function lookout(machine: StateMachine, paused: () => boolean): () => boolean {
  let calls = 0;
  let asked = machine.stepsAsked;
  return () => {
    if (++calls % CALLS_BETWEEN_LOOKS !== 0 && machine.stepsAsked === asked) return false;
    asked = machine.stepsAsked;
    return paused();
  };
}
