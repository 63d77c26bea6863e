/**
 * The connection of a simulated link. Messages travel by themselves here, so a connection matters only when it is
 * gone: its end takes along what is on its way, and a new one needs a name that resolves and descriptors that are free.
 *
 * What one end does not know yet is kept as the moment at which it will: a sender whose receiver has forgotten the
 * connection, or died unseen, goes on sending until its patience is over (harness/node/peer-connection.ts), and all
 * that is lost. Nothing here is an event of its own: what is due by now is looked at when somebody asks.
 */
import type { ConnectionEnd, PeerConnections } from '../../node/connections.ts';
import { PATIENCE_MS } from '../../node/peer-connection.ts';

/** Milliseconds from the end of a connection to the next, as of a real link (harness/node/peer-link.ts). */
const REDIAL_MS = 50;

type Sent = { dialled: number; opened: number; readonly ended: Record<ConnectionEnd, number> };
type Received = { opened: number; damaged: number };

function noneSent(): Sent {
  return { dialled: 0, opened: 0, ended: { unresolved: 0, unreachable: 0, silent: 0, broken: 0, closed: 0 } };
}

/** One link's connections, one after another. Times are milliseconds of the world. */
export class SimConnection {
  #open = false;
  #sent = noneSent();
  #received: Received = { opened: 0, damaged: 0 };
  /** When the sender learns that the receiver is gone; undefined while it is there. */
  #learnsAtMs: number | undefined;
  /** When the sender's patience is over; undefined while all is acknowledged. */
  #givesUpAtMs: number | undefined;
  /** When the receiver learns that the sender has ended earlier ones. */
  #lingeringUntilMs: number[] = [];
  /** When the sender dials anew. */
  #dialsAtMs = 0;

  /** Whether there is one, by the sender's knowledge. */
  isOpen(nowMs: number): boolean {
    if (this.#open && (this.#givesUpAtMs ?? Infinity) <= nowMs) this.#end('silent', nowMs);
    if (this.#open && (this.#learnsAtMs ?? Infinity) <= nowMs) this.#end('broken', nowMs);
    return this.#open;
  }

  /** Dials, where the last end is long enough ago; `resolved`, if the receiver's address can be found out. */
  dial(nowMs: number, resolved: boolean): void {
    if (this.isOpen(nowMs) || nowMs < this.#dialsAtMs) return;
    this.#sent.dialled++;
    this.#dialsAtMs = nowMs + REDIAL_MS;
    if (!resolved) {
      this.#sent.ended.unresolved++;
      return;
    }
    this.#open = true;
    this.#sent.opened++;
    this.#received.opened++;
  }

  /** Whether what the sender hands to it now, on a link that is `cut` or not, has a receiver. */
  carries(nowMs: number, cut: boolean): boolean {
    if (!this.isOpen(nowMs)) return !cut;
    if (!cut && this.#learnsAtMs === undefined) {
      this.#givesUpAtMs = undefined;
      return true;
    }
    this.#givesUpAtMs ??= nowMs + PATIENCE_MS.min;
    return false;
  }

  /** It breaks, and both ends know; the receiver may have broken it because of damage. */
  break(nowMs: number, damaged = false): void {
    if (!this.isOpen(nowMs)) return;
    this.#end('broken', nowMs);
    if (damaged) this.#received.damaged++;
  }

  /** The receiver is rid of it, and the sender learns of that so much later; never, unless told. */
  orphan(nowMs: number, afterMs = Infinity): void {
    if (this.isOpen(nowMs)) this.#learnsAtMs ??= nowMs + afterMs;
  }

  /** The sender closes it, and the receiver learns of that so much later. False when there is none. */
  hangUp(nowMs: number, afterMs: number): boolean {
    if (!this.isOpen(nowMs)) return false;
    if (this.#learnsAtMs === undefined) this.#lingeringUntilMs.push(nowMs + afterMs);
    this.#end('closed', nowMs);
    return true;
  }

  /** What the sender knows. */
  out(nowMs: number): PeerConnections['out'] {
    const open = this.isOpen(nowMs);
    const { dialled, opened, ended } = this.#sent;
    return { dialled, opened, open, ended: { ...ended } };
  }

  /** What the receiver knows. */
  in(nowMs: number): PeerConnections['in'] {
    this.#lingeringUntilMs = this.#lingeringUntilMs.filter((endMs) => endMs > nowMs);
    const isKnown = this.isOpen(nowMs) && this.#learnsAtMs === undefined;
    const { opened, damaged } = this.#received;
    return { opened, open: this.#lingeringUntilMs.length + (isKnown ? 1 : 0), damaged };
  }

  /** The sender begins a life. */
  newSender(): void {
    this.#sent = noneSent();
    this.#dialsAtMs = 0;
  }

  /** The receiver begins a life. */
  newReceiver(): void {
    this.#received = { opened: 0, damaged: 0 };
    this.#lingeringUntilMs = [];
    this.#dialsAtMs = 0;
  }

  #end(why: ConnectionEnd, nowMs: number): void {
    this.#open = false;
    this.#learnsAtMs = undefined;
    this.#givesUpAtMs = undefined;
    this.#dialsAtMs = nowMs + REDIAL_MS;
    this.#sent.ended[why]++;
  }
}
