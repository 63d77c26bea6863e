/**
 * The two formats in which the engine hands things over: multiplexed output streams, and tar archives.
 */
import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { HarnessError } from '../../errors.ts';

const FRAME_HEADER_BYTES = 8;
const BLOCK_BYTES = 512;

/**
 * The text in a container's multiplexed output, stdout and stderr in the order in which they came. Frames
 * are a header of 8 bytes - stream, three zeros, length in big endian - and the payload (Docker Engine API,
 * "ContainerAttach"). A last frame that was cut short gives what is there.
 */
export function demultiplex(output: Buffer): string {
  const payloads: Buffer[] = [];
  let at = 0;
  while (at + FRAME_HEADER_BYTES <= output.length) {
    const start = at + FRAME_HEADER_BYTES;
    const end = start + output.readUInt32BE(at + 4);
    payloads.push(output.subarray(start, end));
    at = end;
  }
  return Buffer.concat(payloads).toString('utf8');
}

/** A tar archive (POSIX ustar) of text files, by their absolute paths. */
export function tarOf(files: ReadonlyMap<string, string>): Buffer {
  const entries = [...files].flatMap(([path, text]) => tarEntry(path.slice(1), Buffer.from(text)));
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** One file: its header, its bytes and what fills the last block. */
function tarEntry(name: string, bytes: Buffer): Buffer[] {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0') + '\0';
  header.write(name, 0, 100);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108); // owner
  header.write(octal(0, 8), 116); // group
  header.write(octal(bytes.length, 12), 124);
  header.write(octal(Math.floor(Date.now() / 1000), 12), 136); // time of change, by which readers know that there was one
  header.write(' '.repeat(8), 148); // the checksum counts itself as blanks
  header.write('0', 156); // a regular file
  header.write('ustar\u000000', 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(checksum.toString(8).padStart(6, '0') + '\0 ', 148);
  return [header, bytes, Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)];
}

/** Unpacks a tar archive into an existing directory, with the system's tar. */
export async function unpack(archive: NodeJS.ReadableStream, directory: string): Promise<void> {
  const tar = spawn('tar', ['-x', '--no-same-owner', '-f', '-', '-C', directory], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaints = '';
  tar.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = new Promise<void>((resolve, reject) => {
    tar.once('error', (error) => {
      reject(new HarnessError(`Cannot run tar to unpack a node's files into ${directory}: ${error.message}`));
    });
    tar.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new HarnessError(`Cannot unpack a node's files into ${directory}: ${complaints.trim()}`));
    });
  });
  // tar's own end says more than the broken pipe that follows from it.
  await Promise.all([ended, pipeline(archive, tar.stdin).catch(() => undefined)]);
}
