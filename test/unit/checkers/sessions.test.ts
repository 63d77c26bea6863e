/** Sessions: nodes that end before their session may, or live on when it is over, are shown. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sessions } from '../../../checkers/sessions.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import {
  pairCalls,
  type Call,
  type History,
  type Operation,
  type OperationType,
} from '../../../harness/history/operation.ts';
import type { Json, JsonObject } from '../../../harness/json.ts';
import { createRandom } from '../../../harness/random.ts';
import { changed, performed, planned, type Answer, type Planned } from './interleaved.ts';

const MS = 1e6;
const GONE_WITHIN_MS = 5000;
const checker = sessions(GONE_WITHIN_MS);

/** From when to when, in milliseconds, process, function, what was asked and what came of it. */
type Step = readonly [
  from: number,
  to: number,
  process: number | 'nemesis',
  f: string,
  asked: Json,
  type: OperationType,
  answer: Json,
];

const register = (from: number, process: number, session: string, name = 'a', untilMs = 1000): Step => [
  from,
  from + 10,
  process,
  'register',
  { name },
  'ok',
  { session, zxid: from, untilMs },
];
const touch = (from: number, process: number, session: string): Step => [
  from,
  from + 10,
  process,
  'touch',
  null,
  'ok',
  { session, untilMs: 1000 },
];
const expired = (from: number, process: number): Step => [
  from,
  from + 10,
  process,
  'touch',
  null,
  'fail',
  'session-expired',
];
const overslept = (from: number, to: number, process: number, session: string): Step => [
  from,
  to,
  process,
  'sleep',
  { ms: to - from },
  'ok',
  { session, expired: true },
];
const close = (from: number, process: number, session: string, type: 'ok' | 'info' | 'fail' = 'ok'): Step => [
  from,
  from + 10,
  process,
  'close',
  null,
  type,
  type === 'ok' ? { session } : 'no answer',
];
/** A list by one who does nothing else; each node is a name and its session. */
const list = (from: number, ...nodes: (readonly [name: string, session: string])[]): Step => [
  from,
  from + 10,
  100_000 + from,
  'list',
  null,
  'ok',
  nodes.map(([name, session]) => ({ name, session })),
];
const healed = (at: number): Step => [at, at, 'nemesis', 'stop-kill', null, 'info', null];

function historyOf(steps: readonly Step[]): History {
  const entries = steps.flatMap(([from, to, process, f, asked, type, answer]): Omit<Operation, 'index'>[] => {
    const base = { process, f, key: 'k' };
    const told = type === 'ok' || process === 'nemesis' ? { value: answer } : { value: asked, error: answer };
    const completion = { ...base, ...told, type, time: to * MS };
    return process === 'nemesis'
      ? [completion]
      : [{ ...base, type: 'invoke', value: asked, time: from * MS }, completion];
  });
  return entries.sort((a, b) => a.time - b.time).map((entry, index) => ({ ...entry, index }));
}

const verdictOf = (history: History): Verdict =>
  checker.check(history, { logs: {}, timeoutMs: 1000 }) as Verdict;
const verdict = (...steps: readonly Step[]): Verdict => verdictOf(historyOf(steps));

const TTL_MS = 100;

/** Clients that register, sleep and close at a service without faults, whose sessions last just as long as they may. */
class Service {
  readonly #nodes = new Map<string, string>();
  /** Of each session, until when it lives. */
  readonly #alive = new Map<string, number>();
  readonly #sessions = new Map<number, string>();
  #count = 0;

  perform({ f, value, process, begun, effect }: Planned): Answer {
    for (const [session, until] of this.#alive) if (until <= effect) this.#end(session);
    if (f === 'list') return { type: 'ok', value: this.#listed() };
    const session = this.#sessions.get(process);
    const alive = session !== undefined && this.#alive.has(session);
    if (session === undefined)
      return f === 'register' ? this.#register(process, value, begun, effect) : NO_SESSION;
    if (!alive) {
      this.#sessions.delete(process);
      if (f === 'sleep') return { type: 'ok', value: { session, expired: true } };
      return { type: 'fail', error: 'session-expired' };
    }
    if (f === 'close') {
      this.#end(session);
      this.#sessions.delete(process);
      return { type: 'ok', value: { session } };
    }
    if (f === 'register') return this.#register(process, value, begun, effect);
    return { type: 'ok', value: { session, expired: false, untilMs: this.#live(session, begun, effect) } };
  }

  #register(process: number, value: Json | undefined, begun: number, effect: number): Answer {
    const session = this.#sessions.get(process) ?? `s${++this.#count}`;
    this.#sessions.set(process, session);
    const untilMs = this.#live(session, begun, effect);
    const { name } = value as { readonly name: string };
    if (this.#nodes.has(name)) return { type: 'fail', error: 'node-exists' };
    this.#nodes.set(name, session);
    return { type: 'ok', value: { session, zxid: ++this.#count, untilMs } };
  }

  #live(session: string, begun: number, effect: number): number {
    this.#alive.set(session, effect + TTL_MS);
    return effect + TTL_MS - begun;
  }

  #end(session: string): void {
    this.#alive.delete(session);
    for (const [name, owner] of this.#nodes) if (owner === session) this.#nodes.delete(name);
  }

  #listed(): Json {
    return [...this.#nodes].map(([name, session]) => ({ name, session }));
  }
}

const NO_SESSION: Answer = { type: 'fail', error: 'no-session' };
const LOOKING = 4;

function living(seed: number): History {
  const random = createRandom(`living/${seed}`);
  const plan = planned(random, 6, 14, (process) => {
    if (process >= LOOKING) return { f: 'list', key: 'k' };
    const draw = random.next();
    if (draw < 0.5) return { f: 'register', value: { name: random.pick(['a', 'b', 'c']) }, key: 'k' };
    if (draw < 0.7) return { f: 'touch', key: 'k' };
    return draw < 0.8 ? { f: 'close', key: 'k' } : { f: 'sleep', ms: random.int(160), key: 'k' };
  });
  const service = new Service();
  return performed(plan, (operation) => service.perform(operation));
}

/** Whether this node had been registered before the list began, and is shown by a list that began after it. */
function wasThere(calls: readonly Call[], list: Operation, node: Json): boolean {
  const begun = calls.find(({ completion }) => completion?.index === list.index)?.invoke.index ?? 0;
  const { name, session } = node as { readonly name: string; readonly session: string };
  const registered = calls.some(({ invoke, completion }) => {
    if (invoke.f !== 'register' || completion?.type !== 'ok' || completion.index > begun) return false;
    const [asked, told] = [invoke.value, completion.value] as readonly JsonObject[];
    return asked?.['name'] === name && told?.['session'] === session;
  });
  const shown = calls.some(
    ({ invoke, completion }) =>
      invoke.f === 'list' &&
      invoke.index > list.index &&
      JSON.stringify(completion?.value ?? []).includes(JSON.stringify({ name, session })),
  );
  return registered && shown;
}

describe('sessions', () => {
  const a1 = ['a', '1'] as const;

  it('should miss a node while its session lives for certain', () => {
    assert.equal(verdict(register(0, 1, '1'), list(100)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), list(100, a1)).valid, true);
    assert.equal(verdict(register(0, 1, '1'), list(100, ['a', '2'])).valid, false);
    // It ends at 1000 ms at the earliest.
    assert.equal(verdict(register(0, 1, '1'), list(989)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), list(991)).valid, true);
    assert.equal(verdict(register(5, 1, '1'), list(0)).valid, true);
  });

  it('should know from what succeeds later that a session was alive before', () => {
    assert.equal(verdict(register(0, 1, '1'), list(1500), touch(2000, 1, '1')).valid, false);
    assert.equal(verdict(register(0, 1, '1'), list(1500, a1), touch(2000, 1, '1')).valid, true);
    assert.equal(verdict(register(0, 1, '1'), list(1500)).valid, true);
  });

  it('should know from a list that shows it later that a node was there before', () => {
    assert.equal(verdict(register(0, 1, '1'), list(1500), list(1600, a1)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), list(1500, a1), list(1600)).valid, true);
    assert.equal(
      verdict(register(0, 1, '1'), close(50, 1, '1', 'info'), list(100), list(200, a1)).valid,
      false,
    );
  });

  it('should not miss it once its client asked to close the session, whatever came of that', () => {
    assert.equal(verdict(register(0, 1, '1'), close(50, 1, '1'), list(55)).valid, true);
    assert.equal(verdict(register(0, 1, '1'), close(50, 1, '1', 'info'), list(100)).valid, true);
    assert.equal(verdict(register(0, 1, '1'), close(50, 1, '1', 'fail'), list(100)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), close(50, 1, '1'), list(30)).valid, false);
  });

  it('should refuse a node of a session that was closed', () => {
    assert.equal(verdict(register(0, 1, '1'), close(50, 1, '1'), list(61, a1)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), close(50, 1, '1'), list(59, a1)).valid, true);
  });

  it('should refuse a node of a session that was found expired', () => {
    const slept = overslept(100, 1600, 1, '1');
    assert.equal(verdict(register(0, 1, '1'), slept, list(1601, a1)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), slept, list(1599, a1)).valid, true);
    assert.equal(verdict(register(0, 1, '1'), expired(1600, 1), list(1611, a1)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), expired(1600, 2), list(1611, a1)).valid, true);
  });

  it('should refuse an end before what was promised', () => {
    const seen = list(500, a1);
    assert.equal(verdict(register(0, 1, '1'), seen, expired(980, 1)).valid, false);
    assert.equal(verdict(register(0, 1, '1'), seen, expired(995, 1)).valid, true);
    assert.equal(verdict(register(0, 1, '1'), touch(600, 1, '1'), seen, expired(1200, 1)).valid, false);
  });

  it('should refuse that something succeeds in a session that is over', () => {
    const slept = overslept(100, 1600, 1, '1');
    const seen = list(50, a1);
    assert.equal(verdict(register(0, 1, '1'), seen, slept, touch(1700, 1, '1')).valid, false);
    assert.equal(verdict(register(0, 1, '1'), seen, slept, touch(1700, 1, '2')).valid, true);
    assert.equal(
      verdict(register(0, 1, '1'), seen, close(200, 1, '1'), register(300, 1, '1', 'b')).valid,
      false,
    );
    assert.equal(
      verdict(register(0, 1, '1'), seen, close(200, 1, '1'), register(300, 1, '2', 'b')).valid,
      true,
    );
  });

  it('should refuse a node that is left when its client was silent for long', () => {
    const steps = [register(0, 1, '1'), list(100, a1)];
    assert.equal(verdict(...steps, list(5100, a1)).valid, false);
    assert.equal(verdict(...steps, list(5000, a1)).valid, true);
    assert.equal(verdict(...steps, touch(3000, 1, '1'), list(5100, a1)).valid, true);
    // Whatever its client does later, the session is over.
    assert.equal(verdict(...steps, expired(5500, 1), list(5700)).valid, true);
    assert.equal(verdict(...steps, touch(5500, 1, '2'), list(5700, a1)).valid, false);
  });

  it('should count silence from the last fault on', () => {
    const steps = [register(0, 1, '1'), list(100, a1), list(7000, a1)];
    assert.equal(verdict(...steps, healed(1000)).valid, false);
    assert.equal(verdict(...steps, healed(3000)).valid, true);
  });

  it('should refuse a node that nobody can have registered', () => {
    const steps = [register(0, 1, '1'), list(100, a1)];
    const maybe: Step = [200, 210, 2, 'register', { name: 'b' }, 'info', 'no answer'];
    const refused: Step = [200, 210, 2, 'register', { name: 'b' }, 'fail', 'node-exists'];
    assert.equal(verdict(...steps, maybe, list(220, a1, ['b', '7'])).valid, true);
    assert.equal(verdict(...steps, refused, list(220, a1, ['b', '7'])).valid, false);
    assert.equal(verdict(...steps, maybe, list(180, a1, ['b', '7'])).valid, false);
    assert.equal(verdict(...steps, maybe, list(220, a1, ['b', '1'])).valid, false);
  });

  it('should refuse a name that two sessions have at once', () => {
    const lists = [list(100, a1)];
    assert.equal(verdict(register(0, 1, '1'), ...lists, register(500, 2, '2')).valid, false);
    assert.equal(verdict(register(0, 1, '1'), ...lists, register(500, 2, '2', 'b')).valid, true);
    assert.equal(verdict(register(0, 1, '1'), ...lists, register(995, 2, '2')).valid, true);
    assert.equal(
      verdict(register(0, 1, '1'), ...lists, close(400, 1, '1'), register(500, 2, '2')).valid,
      true,
    );
  });

  it('should say what was listed too long', () => {
    const { problems } = verdict(register(0, 1, '1'), close(50, 1, '1'), list(100, a1));
    assert.equal(problems[0]?.title, 'a of session "1" was listed when the session was over');
    assert.deepEqual(problems[0].operations, [2, 3, 4, 5]);
  });

  it('should not know where nothing was registered, or nobody looked', () => {
    assert.equal(verdict(list(0)).valid, 'unknown');
    assert.equal(verdict(register(0, 1, '1')).valid, 'unknown');
  });

  it('should pass every service without faults, and refuse it with a list without a node that certainly was there', () => {
    let lies = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const history = living(seed);
        const { valid, problems } = verdictOf(history);
        assert.notEqual(valid, false, JSON.stringify(problems[0]));
        const calls = pairCalls(history);
        const wrong = changed(history, createRandom(`lies/${seed}`), (entry) => {
          if (entry.f !== 'list' || !Array.isArray(entry.value)) return undefined;
          const listed = entry.value as readonly Json[];
          const certain = listed.find((node) => wasThere(calls, entry, node));
          return certain === undefined
            ? undefined
            : { ...entry, value: listed.filter((node) => node !== certain) };
        });
        if (wrong === undefined) return;
        lies++;
        assert.equal(verdictOf(wrong).valid, false);
      }),
      { numRuns: 100 },
    );
    assert.ok(lies > 50, `only ${lies}`);
  });
});
