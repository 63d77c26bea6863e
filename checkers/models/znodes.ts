/**
 * The nodes under one parent in the tree of a coordination service (Hunt, Konar, Junqueira and Reed, "ZooKeeper: Wait-free coordination
 * for Internet-scale systems", 2010, section 2): made by name or with a number that the parent counts, changed and deleted, if wanted on
 * condition of a version. The parent is the operation's key, so a history is split by parent.
 *
 * Each change has a zxid, its place in the order of all changes. So changes whose results are known can be in one order only, which
 * makes the search short: it has to place reads, and changes of which nobody knows whether they happened. The zxid of those is not
 * known either, until a read tells; then any is believed.
 *
 * Conditions that were not met complete `fail` and, as everywhere, say nothing.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, equal, isJsonObject, type Json } from '../../harness/json.ts';
import { defineModel, show, type Foresight } from './model.ts';
import type { ModelOperation } from './operation.ts';

/** Digits of the number in a numbered node's name. */
const DIGITS = 10;

interface Node {
  readonly data: Json;
  /** How often it was changed. */
  readonly version: number;
  /** The change that made its data; null if nobody was told. */
  readonly zxid: number | null;
}

interface Parent {
  /** How many numbered nodes were made. */
  readonly numbered: number;
  /** The greatest zxid of a change that is known. */
  readonly last: number;
  readonly nodes: Readonly<Record<string, Node>>;
}

/** What an operation asks for. */
interface Request {
  /** What `children` has none of. */
  readonly name: string;
  readonly data: Json;
  readonly sequential: boolean;
  /** The version that the node must have; null if it may have any. */
  readonly version: number | null;
}

function requestOf({ f, argument }: ModelOperation): Request {
  if (f === 'children') return { name: '', data: null, sequential: false, version: null };
  if (isJsonObject(argument) && typeof argument['name'] === 'string') {
    const { name, data = null, sequential = false, version = null } = argument;
    if (typeof sequential === 'boolean' && (version === null || typeof version === 'number')) {
      return { name, data, sequential, version };
    }
  }
  throw new UsageError(`${f} takes { name, … } as in "splitbrain list", not ${show(argument)}`);
}

/** What an operation was told; undefined if nobody knows. */
function fieldsOf({ f, result }: ModelOperation): Readonly<Record<string, Json>> | undefined {
  if (result === undefined || isJsonObject(result)) return result;
  if (f === 'get' && result === null) return {};
  throw new UsageError(`${f} gives an object, not ${show(result)}`);
}

/** The zxid of the change, null if nobody was told; undefined if it cannot follow what was before. */
function zxidOf(operation: ModelOperation, last: number): number | null | undefined {
  const told = fieldsOf(operation);
  if (told === undefined) return null;
  const { zxid } = told;
  return typeof zxid === 'number' && zxid > last ? zxid : undefined;
}

const nodeOf = ({ nodes }: Parent, name: string): Node | undefined =>
  Object.hasOwn(nodes, name) ? nodes[name] : undefined;

function create(parent: Parent, operation: ModelOperation, request: Request): Parent | undefined {
  const { data, sequential } = request;
  const number = String(parent.numbered).padStart(DIGITS, '0');
  const name = sequential ? `${request.name}${number}` : request.name;
  const zxid = zxidOf(operation, parent.last);
  const told = fieldsOf(operation)?.['name'] ?? name;
  if (zxid === undefined || told !== name || nodeOf(parent, name) !== undefined) return undefined;
  return {
    numbered: parent.numbered + (sequential ? 1 : 0),
    last: zxid ?? parent.last,
    nodes: { ...parent.nodes, [name]: { data, version: 0, zxid } },
  };
}

function change(parent: Parent, operation: ModelOperation, request: Request): Parent | undefined {
  const node = nodeOf(parent, request.name);
  const zxid = zxidOf(operation, parent.last);
  if (zxid === undefined || node === undefined) return undefined;
  if (request.version !== null && request.version !== node.version) return undefined;
  const { [request.name]: _changed, ...others } = parent.nodes;
  const after = { numbered: parent.numbered, last: zxid ?? parent.last };
  if (operation.f === 'delete') return { ...after, nodes: others };
  const version = node.version + 1;
  if ((fieldsOf(operation)?.['version'] ?? version) !== version) return undefined;
  return { ...after, nodes: { ...others, [request.name]: { data: request.data, version, zxid } } };
}

/** Whether a read may have found this. */
function isFound(node: Node | undefined, result: Json): boolean {
  if (node === undefined || !isJsonObject(result)) return node === undefined && result === null;
  const { data = null, version, zxid } = result;
  return equal(data, node.data) && version === node.version && (node.zxid === null || zxid === node.zxid);
}

const reads = ({ f }: ModelOperation): boolean => f === 'get' || f === 'children';

/** Whether the operation may make, change, delete or look at a node that the other one does too. */
function meet(a: ModelOperation, b: ModelOperation): boolean {
  const [one, other] = [requestOf(a), requestOf(b)];
  if (one.sequential && other.sequential) return true;
  if (one.sequential) return other.name.startsWith(one.name);
  if (other.sequential) return one.name.startsWith(other.name);
  return one.name === other.name;
}

function commutes(a: ModelOperation, b: ModelOperation): boolean {
  if (reads(a) && reads(b)) return true;
  // Those that change data leave the names alone.
  if (a.f === 'children') return b.f === 'set';
  if (b.f === 'children') return a.f === 'set';
  // The order of two changes whose zxids are known is known.
  const ordered = !reads(a) && !reads(b) && a.result !== undefined && b.result !== undefined;
  return !ordered && !meet(a, b);
}

/** The least number that is still to be given when so much has been changed, by the creations whose results are known. */
function numbersToCome(operations: readonly ModelOperation[]): (last: number) => number {
  const known = operations
    .filter((operation) => operation.f === 'create' && requestOf(operation).sequential)
    .flatMap((operation) => {
      const { name, zxid } = fieldsOf(operation) ?? {};
      const number = typeof name === 'string' ? Number(name.slice(-DIGITS)) : NaN;
      return typeof zxid === 'number' && number >= 0 ? [{ zxid, number }] : [];
    })
    .sort((a, b) => a.zxid - b.zxid);
  let least = Infinity;
  const leastFrom = known.toReversed().map(({ number }) => (least = Math.min(least, number)));
  return (last) => {
    const after = known.findLastIndex(({ zxid }) => zxid <= last) + 1;
    return leastFrom[known.length - 1 - after] ?? Infinity;
  };
}

/**
 * What is foreseen: numbers are not given beyond one that is still to come; and data that no read finds are as good as any other such.
 */
function foresee(operations: readonly ModelOperation[]): Foresight<Parent> {
  const found = new Set(
    operations.flatMap((operation) => {
      const data = operation.f === 'get' ? fieldsOf(operation)?.['data'] : undefined;
      return data === undefined ? [] : [canonical(data)];
    }),
  );
  let unfound = '?';
  while (found.has(canonical(unfound))) unfound += '?';
  const toCome = numbersToCome(operations);
  return {
    admits: ({ numbered, last }) => numbered <= toCome(last),
    standIn(parent) {
      const isUnread = ({ data }: Node): boolean => data !== unfound && !found.has(canonical(data));
      const unread = Object.entries(parent.nodes).filter(([, node]) => isUnread(node));
      if (unread.length === 0) return parent;
      const alike = unread.map(([name, node]) => [name, { ...node, data: unfound, zxid: null }] as const);
      return { ...parent, nodes: { ...parent.nodes, ...Object.fromEntries(alike) } };
    },
  };
}

/** The model of the nodes under one parent, of which there are none at first. */
export const znodes = defineModel<Parent>({
  name: 'znodes',
  summary: 'nodes under a parent of a tree: create, set, get, delete, children',
  operations: {
    create:
      'takes { name, data, sequential }, gives { name, zxid }: the name that was given, with a number if sequential',
    set: 'takes { name, data, version }, gives { version, zxid }',
    get: 'takes { name }, gives { data, version, zxid } or nil',
    delete: 'takes { name, version }, gives { zxid }',
    children: 'gives the names, sorted',
  },
  init(value = null) {
    if (value === null) return { numbered: 0, last: 0, nodes: {} };
    throw new UsageError(`znodes starts without nodes (nil), not with ${show(value)}`);
  },
  step(parent, operation) {
    const { f, result } = operation;
    const request = requestOf(operation);
    if (f === 'create') return create(parent, operation, request);
    if (!reads(operation)) return change(parent, operation, request);
    if (result === undefined) return parent;
    const allowed =
      f === 'get'
        ? isFound(nodeOf(parent, request.name), result)
        : equal(Object.keys(parent.nodes).sort(), result);
    return allowed ? parent : undefined;
  },
  pure: reads,
  commutes,
  foresee,
  describe(operation) {
    const { f, result } = operation;
    const { name, sequential, version, data } = requestOf(operation);
    const what = f === 'create' || f === 'set' ? ` = ${show(data)}` : '';
    const condition = version === null ? '' : ` if version ${version}`;
    const asked = `${f}${name === '' ? '' : ` ${name}${sequential ? '#' : ''}`}${what}${condition}`;
    return `${asked} → ${show(result)}`;
  },
  describeState({ numbered, nodes }) {
    const named = Object.entries(nodes).map(
      ([name, { data, version, zxid }]) =>
        `${name} = ${show(data)} (version ${version}, zxid ${zxid ?? '?'})`,
    );
    return `${named.length === 0 ? 'no nodes' : named.join(', ')}; ${numbered} were numbered`;
  },
});
