/**
 * The wall clock of a simulated node: true time, and how far it is off. Only this clock is ever wrong; timers and
 * the monotonic clock follow the world.
 */
import { aheadMs } from '../../node/clock.ts';
import { NANOS_PER_MS } from '../../time.ts';
import type { ClockSkew } from '../cluster.ts';
import type { World } from './world.ts';

/** A wall clock over all lives of its node. */
export class WallClock {
  readonly #world: World;
  #skew: ClockSkew = {};
  /** When it was last set: drift and strobe count from here. */
  #since = 0;

  constructor(world: World) {
    this.#world = world;
  }

  set(skew: ClockSkew): void {
    this.#skew = skew;
    this.#since = this.#world.now;
  }

  /** Milliseconds since the epoch, as the node has it. */
  now(): number {
    return this.#world.wall() + aheadMs(this.#skew, (this.#world.now - this.#since) / NANOS_PER_MS);
  }
}
