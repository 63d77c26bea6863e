/** The generated histories that the linearizability checker is measured on, by name, so that others can be measured on the same. */
import type { Json } from '../../harness/json.ts';
import type { Load } from './check-load.ts';
import {
  counterSubject,
  growingSetSubject,
  mutexSubject,
  priorityQueueSubject,
  queueSubject,
  setSubject,
  stackSubject,
} from './collections.ts';
import { makeHistory, type HistoryShape, type Request, type Subject } from './histories.ts';
import { kvSubject, registerSubject, type RegisterShape } from './registers.ts';

/** What a history is of. */
export interface Kind {
  readonly name: string;
  readonly model: string;
  readonly init?: Json;
  readonly subject: (clients: number) => Subject;
}

/** Where a history is wrong. */
export const PLACES = [
  { name: 'valid', wrongAt: undefined },
  { name: 'bad in the middle', wrongAt: 0.5 },
  { name: 'bad at the end', wrongAt: 0.95 },
] as const;

/** Where a history is wrong, in words and as a share of it. */
export type HistoryPlace = (typeof PLACES)[number];

const ofRegister = (name: string, model: string, shape: RegisterShape = {}): Kind => ({
  name,
  model,
  init: 0,
  subject: () => registerSubject(shape),
});

/** A register, each value written once. */
export const registerKind = ofRegister('register', 'register');

/** Registers with compare-and-set. Where one that did not match is recorded as a failure, it says nothing. */
export const casKinds = [
  ofRegister('cas register, unique', 'cas-register', { cas: 0.5 }),
  ofRegister('cas register, 5 values', 'cas-register', { cas: 0.5, values: 5 }),
  ofRegister('cas register, unique, misses fail', 'cas-register', { cas: 0.5, misses: 'fail' }),
  ofRegister('cas register, 5 values, misses fail', 'cas-register', { cas: 0.5, values: 5, misses: 'fail' }),
];

/** All other objects. */
export const collectionKinds: readonly Kind[] = [
  { name: 'FIFO queue', model: 'fifo-queue', subject: queueSubject },
  { name: 'stack', model: 'stack', subject: stackSubject },
  { name: 'priority queue', model: 'priority-queue', subject: priorityQueueSubject },
  { name: 'set of 10,000', model: 'set', subject: () => setSubject(10_000) },
  { name: 'growing set, read whole', model: 'set', subject: () => growingSetSubject(0.0005) },
  { name: 'mutex', model: 'mutex', subject: mutexSubject },
  { name: 'counter', model: 'counter', subject: counterSubject },
];

/** A store of so many registers. */
export const kvKind = (keys: number): Kind => ({
  name: `kv, ${keys.toLocaleString('en')} keys`,
  model: 'kv',
  subject: () => kvSubject(keys),
});

/** Which operations crash, on what. */
export const crashKinds = [
  { ...registerKind, name: 'register, crashed writes', crashes: ({ f }: Request) => f === 'write' },
  { ...registerKind, name: 'register, crashed reads', crashes: ({ f }: Request) => f === 'read' },
  ...casKinds.slice(2).map((kind, place) => ({
    ...kind,
    name: `cas register, ${['unique', '5 values'][place] ?? ''}, crashed cas`,
    crashes: ({ f }: Request) => f === 'cas',
  })),
];

/** How large, and what is wrong. */
export type LoadShape = Omit<HistoryShape, 'seed' | 'wrongAt'> & { readonly place: HistoryPlace };

/** Clients of a lock rest, so that holds have a length. */
const LOCK_IDLE = 0.5;

/** A history with its name; the name is its seed. */
export function makeLoad({ name, model, init, subject }: Kind, { place, ...shape }: LoadShape): Load {
  const crashed = shape.crashed === undefined ? '' : `, ${shape.crashed} crashed`;
  const size = `${shape.operations.toLocaleString('en')} x ${shape.clients}${crashed}`;
  const full = `${name}, ${size}, ${place.name}`;
  const idle = model === 'mutex' ? LOCK_IDLE : 0;
  const { wrongAt } = place;
  const history = makeHistory(subject(shape.clients), {
    idle,
    ...shape,
    seed: full,
    ...(wrongAt === undefined ? {} : { wrongAt }),
  });
  return {
    name: full,
    model,
    ...(init === undefined ? {} : { init }),
    history,
    valid: wrongAt === undefined,
  };
}
