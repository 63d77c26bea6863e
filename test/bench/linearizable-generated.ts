/** The linearizability checker on generated histories: registers, crashed operations, collections, and key-value stores. */
import type { Benchmark } from './benchmark.ts';
import { measureCheck } from './check-load.ts';
import { casKinds, collectionKinds, crashKinds, kvKind, makeLoad, PLACES, registerKind } from './loads.ts';

const BUSY_CLIENTS = [5, 10, 20, 50];
const OPERATIONS = 10_000;
const MONITOR_GOAL_MS = 50;
const SEARCH_GOAL_MS = 2000;

/** A register whose values are unique, by its monitor and by the search alone. */
export const registers: Benchmark = {
  name: 'linearizable-register',
  async *run() {
    for (const clients of BUSY_CLIENTS) {
      for (const place of PLACES) {
        const load = makeLoad(registerKind, { operations: OPERATIONS, clients, place });
        yield await measureCheck({ ...load, algorithm: 'monitor', goalMs: MONITOR_GOAL_MS });
        yield await measureCheck({ ...load, algorithm: 'frontier', goalMs: SEARCH_GOAL_MS });
      }
    }
  },
};

/** A register with compare-and-set. */
export const casRegisters: Benchmark = {
  name: 'linearizable-cas',
  async *run() {
    for (const kind of casKinds) {
      for (const clients of BUSY_CLIENTS) {
        for (const place of PLACES) {
          const load = makeLoad(kind, { operations: OPERATIONS, clients, place });
          yield await measureCheck({ ...load, goalMs: SEARCH_GOAL_MS });
        }
      }
    }
  },
};

const SIZES = [1000, 10_000, 100_000];
const CRASHED = [5, 10, 20, 40, 80, 160];
const CRASH_CLIENTS = 5;

/** Operations that crashed: each may take effect at any time later, or never. */
export const crashes: Benchmark = {
  name: 'linearizable-crashes',
  async *run() {
    for (const { crashes: which, ...kind } of crashKinds) {
      for (const operations of SIZES) {
        for (const crashed of CRASHED) {
          for (const place of PLACES.filter(({ name }) => name !== 'bad in the middle')) {
            const shape = { operations, clients: CRASH_CLIENTS, crashed, crashes: which, place };
            yield await measureCheck({ ...makeLoad(kind, shape), goalMs: SEARCH_GOAL_MS });
          }
        }
      }
    }
  },
};

const LARGE = { operations: 100_000, clients: 50 };
const COLLECTION_GOAL_MS = 1000;

/** What has a monitor of its own. */
export const collections: Benchmark = {
  name: 'linearizable-collections',
  async *run() {
    for (const kind of collectionKinds) {
      for (const place of PLACES) {
        yield await measureCheck({ ...makeLoad(kind, { ...LARGE, place }), goalMs: COLLECTION_GOAL_MS });
      }
    }
  },
};

/** What Porcupine needs for it, where this was measured (two cores). */
const KV_GOAL_MS = 100;

/** Many keys, each with few operations. */
export const stores: Benchmark = {
  name: 'linearizable-kv',
  async *run() {
    for (const place of PLACES)
      yield await measureCheck({ ...makeLoad(kvKind(1000), { ...LARGE, place }), goalMs: KV_GOAL_MS });
  },
};
