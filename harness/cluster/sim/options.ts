/** What a simulated machine room is like when nothing is broken. */
import type { Random } from '../../random.ts';

/** Draws a number of milliseconds. */
export type DrawMs = (random: Random) => number;

/** The healthy state; faults come on top of it. */
export interface SimOptions {
  /** How long a message takes, drawn for each; since later ones may be faster, messages overtake one another. */
  readonly latency: DrawMs;
  /** Share of the messages between nodes that are lost. None unless faults lose them: a test begins on a network that works. */
  readonly loss: number;
  /** Share of the messages between nodes that arrive twice. */
  readonly duplicates: number;
  /** How long a read from disk takes. */
  readonly read: DrawMs;
  /** How long it takes to make bytes durable. */
  readonly sync: DrawMs;
  /** How long a node takes until its program begins. */
  readonly boot: DrawMs;
  /** How late a timer is even on an idle node. Above 0, so that a program that does nothing but set timers gets on. */
  readonly timerLateness: DrawMs;
}

/** A local network, solid state disks, small programs. */
export const DEFAULT_OPTIONS: SimOptions = {
  latency: (random) => random.between(0.2, 2),
  loss: 0,
  duplicates: 0.001,
  read: (random) => random.between(0.02, 0.2),
  sync: (random) => random.between(0.1, 2),
  boot: (random) => random.between(5, 50),
  timerLateness: (random) => random.between(0.01, 0.2),
};
