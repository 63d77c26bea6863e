/**
 * A cluster of locks in virtual time, with clients that a test tells what to do, one operation at a time. What they do is
 * recorded as in a run, so that a story ends with what the checkers say of it.
 */
import assert from 'node:assert/strict';
import type { Completion } from '../../../../harness/client/client.ts';
import { SimCluster } from '../../../../harness/cluster/sim/cluster.ts';
import type { Operation } from '../../../../harness/history/operation.ts';
import { memoryRecorder } from '../../../../harness/history/recorder.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../../harness/json.ts';
import { createRandom } from '../../../../harness/random.ts';
import type { Target } from '../../../../harness/run/target.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';

/** Every message takes so long, and every sync. */
const LATENCY_MS = 1;
const SYNC_MS = 5;
const TIMEOUT_MS = 4000;
/** The lock that stories are about. */
const KEY = 'x';

/** One client process, which does one thing at a time. */
export type Actor = (f: string, value?: Json, key?: Json) => Promise<Completion>;

/** A cluster and its clients. */
export class LockWorld {
  readonly cluster: SimCluster;
  readonly #target: Target;
  readonly #variant: string | undefined;
  readonly #seed: string;
  readonly #recorder = memoryRecorder();
  #actors = 0;

  private constructor(target: Target, variant: string | undefined, seed: string) {
    this.#target = target;
    this.#variant = variant;
    this.#seed = seed;
    this.cluster = new SimCluster({
      runId: 'test',
      nodes: Array.from({ length: target.nodes }, (_, index) => `n${index + 1}`),
      nodeModule: target.variants?.[variant ?? '']?.nodeModule ?? target.nodeModule,
      options: target.options ?? {},
      seed,
      settings: {
        latencyMs: { constant: LATENCY_MS },
        syncMs: { constant: SYNC_MS },
        bootMs: { constant: 10 },
      },
      directory: '',
      progress: () => undefined,
    });
  }

  /** A cluster that is up: of the correct target, or of a variant. */
  static async up(target: Target, variant?: string, seed = '1'): Promise<LockWorld> {
    const world = new LockWorld(target, variant, seed);
    await world.cluster.start();
    return world;
  }

  get history(): readonly Operation[] {
    return this.#recorder.operations;
  }

  /** Opens a client. */
  actor(): Actor {
    const { cluster } = this;
    const process = this.#actors++;
    const factory = this.#target.variants?.[this.#variant ?? '']?.client ?? this.#target.client;
    assert.ok(factory);
    const session = `${process}.0`;
    const client = factory({
      process,
      session,
      node: 'n1',
      nodes: cluster.nodes,
      random: createRandom(this.#seed).fork(session),
      now: () => cluster.time.now() / NANOS_PER_MS,
      sleep: (ms) => cluster.time.sleep(ms),
      call: (node, path, body, timeoutMs) => cluster.call(node, path, body, timeoutMs),
    });
    return async (f, value = null, key = KEY) => {
      const base = { process, f, key };
      const time = (): number => cluster.time.now();
      this.#recorder.record({ ...base, type: 'invoke', value, time: time() });
      const completion = await client.invoke({ f, value, key }, TIMEOUT_MS);
      this.#recorder.record({ ...base, value, ...completion, time: time() });
      return completion;
    };
  }

  sleep(ms: number): Promise<void> {
    return this.cluster.time.sleep(ms);
  }

  async restart(...nodes: readonly string[]): Promise<void> {
    for (const node of nodes) await this.cluster.kill(node);
    for (const node of nodes) await this.cluster.restart(node);
  }

  /** What the workload's checker of this name says of what happened. */
  async verdict(checker: string): Promise<unknown> {
    const found = this.#target.workloads
      .flatMap(({ checkers }) => checkers)
      .find(({ name }) => name === checker);
    assert.ok(found, checker);
    return (await found.check(this.history, { logs: {}, timeoutMs: 10_000 })).valid;
  }

  /** What the checkers of the target's lock workload say that it broke; whatever had nothing to look at is left out. */
  async broken(): Promise<string[]> {
    const [workload] = this.#target.workloads;
    const names: string[] = [];
    for (const { name } of workload?.checkers ?? [])
      if ((await this.verdict(name)) === false) names.push(name);
    return names;
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }
}

/** What an operation that succeeded gave. */
export function valueOf(completion: Completion): JsonObject {
  if (completion.type !== 'ok') assert.fail(endOf(completion));
  return isJsonObject(completion.value) ? completion.value : {};
}

/** How it ended, and why if it did not succeed. */
export function endOf(completion: Completion): string {
  return completion.type === 'ok' ? 'ok' : `${completion.type}: ${JSON.stringify(completion.error)}`;
}
