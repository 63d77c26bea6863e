/**
 * What a runtime refuses that cannot do all of the contract. Whoever asks for a fault has been refused long before
 * (harness/run/nemesis-spec.ts); this is for whoever asks a cluster directly, since a fault that silently does nothing
 * is worse than none. A cluster that learns one of these overrides it.
 */
import { UsageError } from '../errors.ts';
import type { NodeId } from '../node/program.ts';
import type { Ability, ClockSkew, Cluster, DiskTrouble, FlippedBit, Link, LinkShape } from './cluster.ts';

/** The part of the contract that not every runtime can do. */
type Optional = Pick<Cluster, 'reset' | 'shape' | 'skew' | 'breakDisk' | 'flip' | 'unflip' | 'slow'>;

/** Refuses everything that needs an ability which a runtime may lack. */
export abstract class UnableCluster implements Optional {
  abstract readonly runtime: string;

  reset(_links: readonly Link[]): Promise<void> {
    return this.refuse('reset connections');
  }

  shape(_links: readonly Link[], _shape: LinkShape): Promise<void> {
    return this.refuse('bend links');
  }

  skew(_node: NodeId, _skew: ClockSkew): Promise<void> {
    return this.refuse('skew clocks');
  }

  breakDisk(_node: NodeId, _trouble: DiskTrouble): Promise<void> {
    return this.refuse('break disks');
  }

  flip(_node: NodeId, _places: readonly number[]): Promise<readonly FlippedBit[]> {
    return this.refuse('flip bits');
  }

  unflip(_node: NodeId, _bits: readonly FlippedBit[]): Promise<void> {
    return this.refuse('flip bits');
  }

  slow(_node: NodeId, _busyMs: number): Promise<void> {
    return this.refuse('slow nodes down');
  }

  /** Rejects with a UsageError that says what cannot be done. */
  protected refuse(what: string): Promise<never> {
    return Promise.reject(new UsageError(`The ${this.runtime} runtime cannot ${what}.`));
  }
}

/** What a runtime must be able to do for a link of this shape. */
export function abilitiesFor(shape: LinkShape): Ability[] {
  const { delayMs, jitterMs, rate, loss, duplicate, reorder } = shape;
  const asked: Readonly<Partial<Record<Ability, unknown>>> = {
    delay: delayMs ?? jitterMs,
    rate,
    loss,
    duplicate,
    reorder,
  };
  return (Object.keys(asked) as Ability[]).filter((ability) => asked[ability] !== undefined);
}
