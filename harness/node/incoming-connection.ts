/**
 * Reads the connection of one peer: its hello, then messages and probes, acknowledging the bytes that were taken: soon, but
 * not each time, for that would cost as much as the messages themselves. What is damaged, malformed, or meant for another
 * node (ports are reused), ends the connection and nothing else; what came before it counts.
 */
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';
import {
  DamagedFrame,
  decodeFrame,
  encodeFrame,
  FRAME,
  framesIn,
  FrameSplitter,
  type Frame,
} from './frames.ts';
import type { NodeId } from './program.ts';

/** Within so many milliseconds all that was read is acknowledged: far below a sender's patience (peer-connection.ts). */
const ACKNOWLEDGED_MS = 20;

/** Where the contents of a connection go. */
export interface IncomingEvents {
  /** Whether this node is `to`, and `from` a peer of it. */
  expects(from: Json | undefined, to: Json | undefined): from is NodeId;
  /** The peer is known. */
  opened(from: NodeId): void;
  /** A connection that was opened is over. */
  ended(from: NodeId): void;
  message(from: NodeId, message: Json): void;
  probe(from: NodeId, nonce: string): void;
  /** The connection was malformed, or a frame on it damaged, and is closed. */
  refused(from: NodeId | undefined, reason: string, damaged: boolean): void;
}

/** Reads the connection until it ends. What a handler of messages throws passes through: it is the program's crash. */
export function readConnection(socket: Socket, events: IncomingEvents): void {
  const splitter = new FrameSplitter();
  let from: NodeId | undefined;
  let read = 0;
  let acknowledging: NodeJS.Timeout | undefined;

  const acknowledge = (): void => {
    acknowledging = undefined;
    socket.write(encodeFrame(FRAME.ack, { bytes: read }));
  };

  /** Takes a frame; answers what is wrong with it, if anything. */
  const take = ({ kind, body }: Frame): Error | undefined => {
    const fields = isJsonObject(body) ? body : {};
    if (from === undefined) {
      if (kind !== FRAME.hello) return new Error(`expected a hello first, found a frame of kind ${kind}`);
      if (!events.expects(fields['from'], fields['to']))
        return new Error(`a hello for others: ${JSON.stringify(body)}`);
      from = fields['from'];
      events.opened(from);
    } else if (kind === FRAME.message) {
      events.message(from, body);
    } else if (kind === FRAME.probe && typeof fields['nonce'] === 'string') {
      events.probe(from, fields['nonce']);
    } else {
      return new Error(`unexpected frame of kind ${kind}`);
    }
    return undefined;
  };

  const refuse = (error: Error): void => {
    events.refused(from, error.message, error instanceof DamagedFrame);
    socket.destroy();
  };

  socket.on('data', (chunk) => {
    const frames = attempt(() => framesIn(splitter.push(chunk)));
    if (frames instanceof Error) {
      refuse(frames);
      return;
    }
    const isNew = from === undefined;
    for (const bytes of frames) {
      const frame = attempt(() => decodeFrame(bytes));
      const problem = frame instanceof Error ? frame : take(frame);
      if (problem !== undefined) {
        refuse(problem);
        return;
      }
    }
    read += chunk.length;
    // Only a peer that was recognised gets an answer: it is what tells the peer that it reached the right node.
    if (from === undefined) return;
    if (isNew) acknowledge();
    else acknowledging ??= setTimeout(acknowledge, ACKNOWLEDGED_MS);
  });
  // A broken connection ends in 'close', and the peer dials again.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(acknowledging);
    if (from !== undefined) events.ended(from);
  });
}

/** What is thrown while bytes are read, and nothing else, is the connection's end and not the program's. */
function attempt<T>(parse: () => T): T | Error {
  try {
    return parse();
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
