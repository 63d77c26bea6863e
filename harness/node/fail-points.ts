/**
 * The fail points of a real node: how often its program passed each in this life, and where it is to die. A pass costs a
 * look into a map, so points may stand on the hottest paths.
 */
import type { ArmedCrash } from './trouble.ts';

/** What happens at an armed point. */
export interface FailPointsOptions {
  /** Puts on record that this crash came, over all lives, and ends the process. */
  die(crash: ArmedCrash): never;
}

/** The points of one life. */
export class FailPoints {
  readonly #options: FailPointsOptions;
  readonly #passes = new Map<string, { count: number }>();
  #armed: { readonly crash: ArmedCrash; left: number } | undefined;

  constructor(options: FailPointsOptions) {
    this.#options = options;
  }

  /** The program is at this point. */
  pass(name: string): void {
    const passes = this.#passes.get(name);
    if (passes === undefined) this.#passes.set(name, { count: 1 });
    else passes.count++;
    if (this.#armed === undefined || this.#armed.crash.name !== name) return;
    if (--this.#armed.left === 0) this.#options.die(this.#armed.crash);
  }

  /** Has the program die at a point, or at none. Told the same again, it goes on counting. */
  arm(crash: ArmedCrash | undefined): void {
    if (this.#armed?.crash.id === crash?.id) return;
    this.#armed = crash === undefined ? undefined : { crash, left: crash.passes };
  }

  /** How often each point was passed, by name. */
  get passes(): Record<string, number> {
    return Object.fromEntries([...this.#passes].map(([name, { count }]) => [name, count]));
  }
}
