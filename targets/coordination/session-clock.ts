/**
 * When a session is over. Its client must give a sign of life within its time-out, and who counts is the leader, on its monotonic clock, as
 * no other node hears from clients. So that replicas agree, what it finds is a command in the log.
 *
 * A new leader knows nothing of what its predecessor heard. It gives each session its whole time-out from when it took office: from
 * when its first own entry was applied, with which it knows all sessions. ZooKeeper's new leaders do the same.
 */

/** Sessions, as the leader sees them. */
export class SessionClock {
  /** When the leader took office, undefined if it has not yet. */
  #tookOffice: number | undefined;
  /** When each session was last heard from. */
  #heard = new Map<number, number>();
  /** Sessions whose end is in the log, but perhaps not yet applied. */
  #ending = new Set<number>();

  /** Another leadership, which is not yet in office. */
  reset(): void {
    this.#tookOffice = undefined;
    this.#heard = new Map();
    this.#ending = new Set();
  }

  takeOffice(now: number): void {
    this.#tookOffice = now;
  }

  /** A sign of life. */
  heard(session: number, now: number): void {
    this.#heard.set(session, now);
  }

  /** Whether it was silent for too long, and that is settled but for the last step. */
  isEnding(session: number): boolean {
    return this.#ending.has(session);
  }

  /** Of these sessions (and their time-outs) those that were silent for too long, each told once. */
  overdue(sessions: readonly (readonly [id: number, ttlMs: number])[], now: number): number[] {
    const began = this.lastSigns();
    const silent = sessions.filter(
      ([id, ttlMs]) => now - Math.max(began, this.#heard.get(id) ?? began) >= ttlMs,
    );
    const overdue = silent.map(([id]) => id).filter((id) => !this.#ending.has(id));
    for (const id of overdue) this.#ending.add(id);
    return overdue;
  }

  /** It is over. */
  ended(session: number): void {
    this.#heard.delete(session);
    this.#ending.delete(session);
  }

  /** When a session that this leader has not heard from may have given its last sign of life, at the latest: it may have been to another leader. */
  protected lastSigns(): number {
    return this.#tookOffice ?? Infinity;
  }
}
