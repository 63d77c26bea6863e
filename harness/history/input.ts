/**
 * The bytes of a history file, from wherever they come: a file, standard input, either of them gzip. Read piece by
 * piece, because a history may be larger than memory.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { messageOf, UsageError } from '../errors.ts';
import { BlockCutter, type TextBlock } from './source.ts';

/** What names standard input in place of a file. */
export const STANDARD_INPUT = '-';

const PIECE_BYTES = 1 << 20;

/** The text of that file in blocks of whole lines. Throws a UsageError that calls it `name` if it cannot be read. */
export async function* readBlocks(path: string, name: string): AsyncGenerator<TextBlock, void> {
  const cutter = new BlockCutter(name);
  for await (const piece of readPieces(path, name)) yield* cutter.take(piece);
  yield* cutter.rest();
}

async function* readPieces(path: string, name: string): AsyncGenerator<Buffer, void> {
  const raw: Readable =
    path === STANDARD_INPUT ? process.stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
  try {
    const pieces = raw.iterator() as AsyncIterableIterator<Buffer>;
    const first = await pieces.next();
    if (first.done === true) return;
    const all = following(first.value, pieces);
    if (!isGzip(first.value)) {
      yield* all;
      return;
    }
    // An error before the gunzip is not its own to report, and would end nothing there.
    const packed = Readable.from(all, { objectMode: false });
    const unpacked = createGunzip({ chunkSize: PIECE_BYTES });
    packed.once('error', (error) => unpacked.destroy(error));
    yield* packed.pipe(unpacked) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    raw.destroy();
  }
}

async function* following<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T, void> {
  yield first;
  yield* rest;
}

/** About so many first bytes of a file as text, unpacked. Throws a UsageError if it cannot be read. */
export async function readHead(path: string, bytes: number): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      const head = buffer.subarray(0, bytesRead);
      return headOf(isGzip(head) ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head, bytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** About so many first bytes as text, without the byte order mark that some editors set. */
export function headOf(content: Buffer, bytes: number): string {
  return content.toString('utf8', 0, bytes).replace(/^\ufeff/, '');
}

/** The bytes unpacked, if they are gzip. Throws a UsageError if they are damaged. */
export function gunzipped(bytes: Uint8Array, name: string): Buffer {
  if (!isGzip(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory; name the history in it, such as history.jsonl',
  EACCES: 'permission denied',
};

function unreadable(name: string, error: unknown): unknown {
  if (error instanceof UsageError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '') return error;
  const message = code.startsWith('Z_')
    ? `${name}: damaged gzip data: ${messageOf(error)}`
    : `cannot read ${name}: ${EXPLANATIONS[code] ?? messageOf(error)}`;
  return new UsageError(message, { cause: error });
}
