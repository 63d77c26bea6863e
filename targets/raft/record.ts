/**
 * Records in files: how a Raft node frames what it writes, and how it tells a torn write from a corrupt
 * file when it reads. The difference matters: a torn tail was never acknowledged and may go, whereas a
 * damaged record may hold a vote or a committed entry, and a node that carried on without it could elect
 * a second leader (Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018).
 *
 * A record is a header of three little-endian words (length of the payload, CRC-32 of the payload, CRC-32 of
 * the first two words) and the payload, JSON in UTF-8. The header has a checksum of its own because a
 * damaged length would otherwise look like a record cut off by the end of the file.
 */
import type { Json } from '../../harness/json.ts';
import { crc32 } from './checksum.ts';

const HEADER_BYTES = 12;
/** A unit of text, as JavaScript counts it, takes at most so many bytes. */
const UTF8_BYTES_MAX = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A file that is damaged in a way that no crash explains. The node must not start from it. */
export class CorruptFileError extends Error {
  override readonly name = 'CorruptFileError';

  constructor(file: string, what: string) {
    super(
      `file "${file}": ${what}. A crash does not do this, so the disk is damaged; ` +
        'starting from it could forget a vote or a committed entry. Restore the file, or replace the node',
    );
  }
}

/** Frames one value. */
export function encodeRecord(value: Json): Uint8Array {
  const text = JSON.stringify(value);
  // Written in place, into more space than it needs: to make an array of bytes costs more than to fill it.
  const space = new Uint8Array(HEADER_BYTES + UTF8_BYTES_MAX * text.length);
  const { written } = encoder.encodeInto(text, space.subarray(HEADER_BYTES));
  const record = space.subarray(0, HEADER_BYTES + written);
  const header = new DataView(space.buffer);
  header.setUint32(0, written, true);
  header.setUint32(4, crc32(record.subarray(HEADER_BYTES)), true);
  header.setUint32(8, crc32(record.subarray(0, 8)), true);
  return record;
}

/** What a file of records holds. */
export interface DecodedRecords {
  readonly records: readonly Json[];
  /** Bytes at the end that are no whole record: a write that the last crash tore. */
  readonly tornBytes: number;
}

/**
 * Reads a file of records. Tolerated at the end are a record cut off by the end of the file and a run of
 * zeros (a file that had grown before its data arrived); everything else throws a CorruptFileError.
 */
export function decodeRecords(file: string, bytes: Uint8Array): DecodedRecords {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Json[] = [];
  let offset = 0;
  while (bytes.length - offset >= HEADER_BYTES) {
    if (view.getUint32(offset + 8, true) !== crc32(bytes.subarray(offset, offset + 8))) {
      if (bytes.subarray(offset).every((byte) => byte === 0)) break;
      throw new CorruptFileError(file, `the header of the record at byte ${offset} fails its checksum`);
    }
    const start = offset + HEADER_BYTES;
    const end = start + view.getUint32(offset, true);
    if (end > bytes.length) break;
    const payload = bytes.subarray(start, end);
    if (view.getUint32(offset + 4, true) !== crc32(payload)) {
      throw new CorruptFileError(file, `the record at byte ${offset} fails its checksum`);
    }
    records.push(JSON.parse(decoder.decode(payload)) as Json);
    offset = end;
  }
  return { records, tornBytes: bytes.length - offset };
}

/** Several byte arrays as one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
