/**
 * Reads the connection of one peer: its hello, then messages and probes, acknowledging the bytes as they are
 * taken. What is malformed, or meant for another node (ports are reused), ends the connection and nothing
 * else.
 */
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';
import { encodeFrame, FRAME, FrameDecoder, type Frame } from './frames.ts';
import type { NodeId } from './program.ts';

/** Where the contents of a connection go. */
export interface IncomingEvents {
  /** Whether this node is `to`, and `from` a peer of it. */
  expects(from: Json | undefined, to: Json | undefined): from is NodeId;
  message(from: NodeId, message: Json): void;
  probe(from: NodeId, nonce: string): void;
  /** The connection was malformed and is closed. */
  refused(from: NodeId | undefined, reason: string): void;
}

/** Reads the connection until it ends. What a handler of messages throws passes through: it is the program's crash. */
export function readConnection(socket: Socket, events: IncomingEvents): void {
  const decoder = new FrameDecoder();
  let from: NodeId | undefined;
  let bytes = 0;

  /** Takes a frame; answers what is wrong with it, if anything. */
  const take = ({ kind, body }: Frame): string | undefined => {
    const fields = isJsonObject(body) ? body : {};
    if (from === undefined) {
      if (kind !== FRAME.hello) return `expected a hello first, found a frame of kind ${kind}`;
      if (!events.expects(fields['from'], fields['to'])) return `a hello for others: ${JSON.stringify(body)}`;
      from = fields['from'];
    } else if (kind === FRAME.message) {
      events.message(from, body);
    } else if (kind === FRAME.probe && typeof fields['nonce'] === 'string') {
      events.probe(from, fields['nonce']);
    } else {
      return `unexpected frame of kind ${kind}`;
    }
    return undefined;
  };

  const refuse = (reason: string): void => {
    events.refused(from, reason);
    socket.destroy();
  };

  socket.on('data', (chunk) => {
    let frames: Frame[];
    try {
      frames = decoder.push(chunk);
    } catch (error) {
      refuse(messageOf(error));
      return;
    }
    for (const frame of frames) {
      const problem = take(frame);
      if (problem !== undefined) {
        refuse(problem);
        return;
      }
    }
    bytes += chunk.length;
    // Only a peer that was recognised gets an answer: it is what tells the peer that it reached the right node.
    if (from !== undefined) socket.write(encodeFrame(FRAME.ack, { bytes }));
  });
  // A broken connection ends in 'close', and the peer dials again.
  socket.on('error', () => undefined);
}
