/**
 * Records in files: how a node frames what it writes, and how it tells a torn write from a corrupt
 * file when it reads. The difference matters: a torn tail was never acknowledged and may go, whereas a
 * damaged record may hold a vote, a promise or a chosen entry, and a node that carried on without it could
 * break what it promised (Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018).
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
/** Enough for what is recorded while one fsync runs, most of the time. */
const SPACE_BYTES = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A file that is damaged in a way that no crash explains. The node must not start from it. */
export class CorruptFileError extends Error {
  override readonly name = 'CorruptFileError';

  constructor(file: string, what: string) {
    super(
      `file "${file}": ${what}. A crash does not do this, so the disk is damaged; ` +
        'starting from it could forget a vote, a promise or a committed entry. Restore the file, or replace the node',
    );
  }
}

/** Frames values one after another, in memory that it keeps: an array of bytes costs more to make than to fill. */
export class RecordWriter {
  #space = new Uint8Array(SPACE_BYTES);
  #view = new DataView(this.#space.buffer);
  #length = 0;

  /** All that was added since it was cleared, in memory that the next change overwrites. */
  get bytes(): Uint8Array {
    return this.#space.subarray(0, this.#length);
  }

  /** Adds a record of this value. */
  add(value: Json): this {
    const text = JSON.stringify(value);
    const header = this.#length;
    const start = header + HEADER_BYTES;
    this.#reserve(start + UTF8_BYTES_MAX * text.length);
    const { written } = encoder.encodeInto(text, this.#space.subarray(start));
    this.#length = start + written;
    this.#view.setUint32(header, written, true);
    this.#view.setUint32(header + 4, crc32(this.#space.subarray(start, this.#length)), true);
    this.#view.setUint32(header + 8, crc32(this.#space.subarray(header, header + 8)), true);
    return this;
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(length: number): void {
    if (length <= this.#space.length) return;
    const more = new Uint8Array(2 * length);
    more.set(this.bytes);
    this.#space = more;
    this.#view = new DataView(more.buffer);
  }
}

/** Frames one value. */
export function encodeRecord(value: Json): Uint8Array {
  return new RecordWriter().add(value).bytes;
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
