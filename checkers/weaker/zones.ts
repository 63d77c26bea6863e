/**
 * Zones (Gibbons and Korach 1997): what real time says about one version of a register, in two moments. The
 * version's write and reads are its cluster; the cluster's *first return* is when any of these operations
 * ended first, its *last start* when any of them began last. One version must come before another exactly if
 * its first return is before the other's last start.
 *
 * A crashed write that nobody read may never have happened and forbids nothing, so it has no zone.
 */
import type { Json } from '../../harness/json.ts';
import type { OperationEvidence } from '../linearizable/index.ts';
import { evidenceOf, type ClientCall } from './client-calls.ts';
import type { Version } from './versions.ts';

/** The cluster of one version. */
export interface Zone {
  readonly version: Version;
  /** Index of the write's invocation; before everything for the value that the key had at first. */
  readonly writeInvoked: number;
  /** Index and time of the first return; before everything for the value that the key had at first. */
  readonly firstReturn: number;
  readonly firstReturnAt: number;
  /** The call that returned first; undefined for the value that the key had at first. */
  readonly firstToReturn: ClientCall | undefined;
  /** The read that was invoked last. */
  readonly lastRead: ClientCall | undefined;
}

/** A zone as evidence. */
export interface ZoneEvidence {
  readonly value: Json;
  /** Null for the value that the key had at first. */
  readonly write: OperationEvidence | null;
  /** The operation of this version that returned first. */
  readonly firstToReturn: OperationEvidence | null;
  /** The read of this version that began last; null if it was not read. */
  readonly lastRead: OperationEvidence | null;
}

function zoneOf(version: Version): Zone {
  const { write, reads } = version;
  const lastRead = reads.at(-1);
  if (write === undefined) {
    return {
      version,
      writeInvoked: -Infinity,
      firstReturn: -Infinity,
      firstReturnAt: -Infinity,
      firstToReturn: undefined,
      lastRead,
    };
  }
  const firstToReturn = [write, ...reads].reduce((first, call) =>
    (call.returned ?? Infinity) < (first.returned ?? Infinity) ? call : first,
  );
  return {
    version,
    writeInvoked: write.invoked,
    firstReturn: firstToReturn.returned ?? Infinity,
    firstReturnAt: firstToReturn.returnedAt ?? Infinity,
    firstToReturn,
    lastRead,
  };
}

/** The zones of a key's versions, in order of first return. */
export function zonesOf(versions: readonly Version[]): Zone[] {
  return versions
    .map(zoneOf)
    .filter(({ firstReturn }) => firstReturn !== Infinity)
    .sort((a, b) => (a.firstReturn < b.firstReturn ? -1 : 1));
}

/** The zone as evidence. */
export function zoneEvidence({ version, firstToReturn, lastRead }: Zone): ZoneEvidence {
  const told = (call: ClientCall | undefined): OperationEvidence | null =>
    call === undefined ? null : evidenceOf(call);
  return {
    value: version.value,
    write: told(version.write),
    firstToReturn: told(firstToReturn),
    lastRead: told(lastRead),
  };
}
