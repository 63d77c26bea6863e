/**
 * What a runtime refuses that cannot do all of the contract. Whoever asks for a fault has been refused long before
 * (harness/run/nemesis-spec.ts); this is for whoever asks a cluster directly, since a fault that silently does nothing
 * is worse than none. A cluster that learns one of these overrides it.
 */
import { UsageError } from '../errors.ts';
import type { NodeId } from '../node/program.ts';
import type {
  Ability,
  ClockSkew,
  Cluster,
  CrashPoint,
  DiskTrouble,
  FlippedBit,
  Link,
  LinkShape,
  SavedDisk,
  SwappedBlocks,
  TruncatedFile,
  Way,
} from './cluster.ts';

/** The part of the contract that not every runtime can do. */
type Optional = Pick<
  Cluster,
  | 'reset'
  | 'forget'
  | 'shape'
  | 'skew'
  | 'breakDisk'
  | 'flip'
  | 'unflip'
  | 'truncate'
  | 'swap'
  | 'saveDisk'
  | 'loadDisk'
  | 'wipe'
  | 'slow'
  | 'throttle'
  | 'limitDescriptors'
  | 'cutPower'
  | 'armCrash'
  | 'exhaustMemory'
>;

/** Refuses everything that needs an ability which a runtime may lack. */
export abstract class UnableCluster implements Optional {
  abstract readonly runtime: string;

  reset(_links: readonly Link[]): Promise<void> {
    return this.refuse('reset connections');
  }

  forget(_links: readonly Link[]): Promise<void> {
    return this.refuse('leave connections half open');
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

  truncate(_node: NodeId, _places: readonly number[]): Promise<readonly TruncatedFile[]> {
    return this.refuse('truncate files');
  }

  swap(_node: NodeId, _pairs: readonly (readonly [number, number])[]): Promise<readonly SwappedBlocks[]> {
    return this.refuse('swap blocks of files');
  }

  saveDisk(_node: NodeId): Promise<SavedDisk> {
    return this.refuse('copy disks');
  }

  loadDisk(_saved: SavedDisk): Promise<void> {
    return this.refuse('put disks back');
  }

  wipe(_node: NodeId): Promise<void> {
    return this.refuse('empty disks');
  }

  slow(_node: NodeId, _busyMs: number): Promise<void> {
    return this.refuse('slow nodes down');
  }

  throttle(_node: NodeId, _share: number): Promise<void> {
    return this.refuse('keep processors from nodes');
  }

  limitDescriptors(_node: NodeId, _limited: boolean): Promise<void> {
    return this.refuse('limit files and connections');
  }

  cutPower(_node: NodeId): Promise<void> {
    return this.refuse('cut the power');
  }

  armCrash(_node: NodeId, _crash: CrashPoint | undefined): Promise<void> {
    return this.refuse('crash nodes at a point in their program');
  }

  exhaustMemory(_node: NodeId): Promise<void> {
    return this.refuse('use up memory');
  }

  /** Rejects with a UsageError that says what cannot be done. */
  protected refuse(what: string): Promise<never> {
    return Promise.reject(new UsageError(`The ${this.runtime} runtime cannot ${what}.`));
  }
}

/** By the real thing. */
export function native(how: string): Way {
  return { means: 'native', how };
}

/** By something of ours that acts as if. */
export function emulated(how: string): Way {
  return { means: 'emulated', how };
}

/** What a runtime must be able to do for a link of this shape. */
export function abilitiesFor(shape: LinkShape): Ability[] {
  const { delayMs, jitterMs, rate, loss, duplicate, reorder, corrupt, closeMs, unresolved } = shape;
  const asked: Readonly<Partial<Record<Ability, unknown>>> = {
    delay: delayMs ?? jitterMs,
    rate,
    loss,
    duplicate,
    reorder,
    corrupt,
    'slow-close': closeMs,
    names: unresolved,
  };
  return (Object.keys(asked) as Ability[]).filter((ability) => asked[ability] !== undefined);
}
