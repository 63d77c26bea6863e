/**
 * Operations of a client that registers under a name for as long as its session lives, as services do that want to be found: and on
 * the session itself.
 */
import type { ClientContext, Completion } from '../../harness/client/client.ts';
import type { Json } from '../../harness/json.ts';
import { directoryOf } from './line.ts';
import type { ChildStat } from './requests.ts';
import { EXPIRED, type Session } from './session.ts';
import { completionOf, completionOfRead, fieldsOf, pathIn } from './znodes.ts';

/** What the answer to a sign of life after a long silence must be left of the operation's time, in milliseconds. */
const ANSWER_MS = 500;

/** One client's session, and what it is registered as. */
export class Registrations {
  readonly #context: ClientContext;
  readonly #session: Session;

  constructor(context: ClientContext, session: Session) {
    this.#context = context;
    this.#session = session;
  }

  async register(key: Json, value: Json, deadline: number): Promise<Completion> {
    const begun = this.#context.now();
    const opened = await this.#session.open(deadline);
    if (opened.kind !== 'done') return completionOf(opened);
    const session = opened.value;
    const path = pathIn(key, value);
    const body = { path, data: this.#context.session, ephemeral: true, sequential: false };
    return completionOf(await this.#session.command('create', body, deadline), (created) => {
      const { zxid } = created as { zxid: number };
      return { session, zxid, untilMs: this.#session.validUntil - begun };
    });
  }

  async touch(deadline: number): Promise<Completion> {
    const begun = this.#context.now();
    const session = this.#session.id;
    const asked = await this.#session.ask('touch', {}, deadline);
    return completionOfRead(asked, () => ({ session, untilMs: this.#session.validUntil - begun }));
  }

  async close(deadline: number): Promise<Completion> {
    const session = this.#session.id;
    const asked = await this.#session.ask('close-session', {}, deadline);
    // That it is over is what was asked for, whoever brought it about.
    const over = asked.kind === 'done' || (session !== null && asked.error === EXPIRED);
    if (over || asked.kind === 'unknown') this.#session.abandon();
    return over ? { type: 'ok', value: { session } } : completionOf(asked);
  }

  /** Gives no sign of life for a while, and then one. */
  async sleep(value: Json, deadline: number): Promise<Completion> {
    const begun = this.#context.now();
    const session = this.#session.id;
    if (session === null) return { type: 'fail', error: 'no-session' };
    const { ms = 0 } = fieldsOf(value);
    const left = deadline - ANSWER_MS - begun;
    await this.#context.sleep(Math.max(0, Math.min(Number(ms), left)));
    const asked = await this.#session.ask('touch', {}, deadline);
    if (asked.kind !== 'done' && asked.error === EXPIRED)
      return { type: 'ok', value: { session, expired: true } };
    const untilMs = this.#session.validUntil - begun;
    return completionOfRead(asked, () => ({ session, expired: false, untilMs }));
  }

  /** Who is registered. Whoever looks needs no session, and gives no sign of life. */
  async list(key: Json, deadline: number): Promise<Completion> {
    const asked = await this.#session.look('children', { path: directoryOf(key) }, deadline);
    return completionOfRead(asked, (found) =>
      (found as ChildStat[]).map(({ name, owner }) => ({ name, session: owner })),
    );
  }
}
