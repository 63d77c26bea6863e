/**
 * The monitor of a text that is put, appended to, and read whole: the values of Porcupine's key-value histories. It decides
 * where those pieces that were read were put, or appended, by one call, and every text that was read falls into pieces in one
 * way.
 *
 * Then a read tells what each append found. So it is a swap of one text for the next, and the text is a register that
 * is compared-and-set. An append that no read shows may have found anything, but nothing that is read comes from it: it
 * stands where an unread put might, between two blocks of the register, and is taken for one.
 */
import type { Json } from '../../../../harness/json.ts';
import { show } from '../../../models/model.ts';
import { type Calls, NEVER } from '../../calls.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { decideRegister } from './decide.ts';
import { OBSERVE, SET, type Steps, SWAP } from './steps.ts';

/** A model's names for the functions of a text. */
export interface TextFunctions {
  /** Gives the whole text. */
  readonly read: readonly string[];
  /** Sets the text. */
  readonly write: readonly string[];
  /** Adds to the end; to a text that is nil, too. */
  readonly append: readonly string[];
}

/** A text of some pieces, after the text without the last of them. */
interface Node {
  readonly value: number;
  readonly text: Json;
  readonly after: Node | undefined;
}

/** What one call puts or appends. */
interface Piece {
  readonly call: number;
  readonly text: string;
  readonly appended: boolean;
  /** Whether another call puts, or appends, the same. */
  repeated: boolean;
  /** The text that it completes in what was read, and one of these reads. */
  shown: { readonly node: Node; readonly read: number } | undefined;
}

/** Pieces of so many different lengths are looked for, at each place of a text. */
const LENGTHS_MAX = 16;

/** A monitor for models whose state is the text, or nil for none. */
export function textMonitor(names: TextFunctions): Monitor {
  return {
    name: 'text-zones',
    check(calls, initial) {
      if (initial !== null && typeof initial !== 'string') {
        return { valid: 'inapplicable', why: 'the state is no text' };
      }
      const steps = new TextReader(calls, initial).read(names);
      return 'valid' in steps ? steps : decideRegister(steps);
    },
  };
}

/** Reads what the calls do. */
class TextReader {
  readonly #calls: Calls;
  readonly #root: Node;
  /** The text of each value. */
  readonly #texts: Json[] = [];
  readonly #puts = new Map<string, Piece>();
  readonly #appends = new Map<string, Piece>();
  /** What is put or appended, by all calls that do. */
  readonly #changes: Piece[] = [];
  readonly #reads: number[] = [];
  /** The value of each result that was read. */
  readonly #nodeRead = new Map<number, Node>();
  #lengths: readonly number[] = [];
  /** The text that was taken apart last: most reads continue it. */
  #latest: Node | undefined;

  constructor(calls: Calls, initial: string | null) {
    this.#calls = calls;
    this.#root = this.#newNode(initial, undefined);
  }

  /** What they do; or why that cannot be said, or cannot be. */
  read(names: TextFunctions): Steps | MonitorVerdict {
    const why = this.#collect(names);
    if (why !== undefined) return { valid: 'inapplicable', why };
    for (const read of this.#reads) {
      const result = this.#calls.columns.result[read] ?? 0;
      if (this.#nodeRead.has(result)) continue;
      const node = this.#nodeOf(this.#calls.values.at(result), read);
      if ('valid' in node) return node;
      this.#nodeRead.set(result, node);
    }
    return this.#steps();
  }

  /** Sorts the calls into pieces and reads; says why if there are others. */
  #collect({ read, write, append }: TextFunctions): string | undefined {
    const { functions, columns, values } = this.#calls;
    const lengths = new Set<number>();
    for (let call = 0; call < this.#calls.length; call++) {
      const f = functions[columns.f[call] ?? 0] ?? '';
      if (read.includes(f)) {
        if (columns.returned[call] !== NEVER) this.#reads.push(call);
        continue;
      }
      const appended = append.includes(f);
      if (!appended && !write.includes(f)) return `a text does not know ${f}`;
      const text = values.at(columns.argument[call] ?? 0);
      if (typeof text !== 'string' || text === '') return `${f} of ${show(text)}, which is no piece of text`;
      lengths.add(text.length);
      this.#addPiece({ call, text, appended, repeated: false, shown: undefined });
    }
    this.#lengths = [...lengths];
    return lengths.size > LENGTHS_MAX ? 'the pieces are of too many lengths' : undefined;
  }

  #addPiece(piece: Piece): void {
    const pieces = piece.appended ? this.#appends : this.#puts;
    const same = pieces.get(piece.text);
    if (same === undefined) pieces.set(piece.text, piece);
    else same.repeated = true;
    this.#changes.push(piece);
  }

  #newNode(text: Json, after: Node | undefined): Node {
    return { value: this.#texts.push(text) - 1, text, after };
  }

  /** The text in pieces, each of which gets its place. */
  #nodeOf(text: Json, read: number): Node | MonitorVerdict {
    if (typeof text !== 'string' || text === '')
      return text === this.#root.text ? this.#root : fromNowhere(text, read);
    let node = this.#latest;
    while (node !== undefined && !text.startsWith(textOf(node))) node = node.after;
    for (let at = textOf(node).length; at < text.length; at = textOf(node).length) {
      const next =
        at === 0
          ? this.#begin(text, read)
          : this.#placeOnly(this.#fitting(this.#appends, text, at), node, text, read);
      if ('valid' in next) return next;
      node = next;
    }
    this.#latest = node;
    return node ?? this.#root;
  }

  /** The first piece of the text: a put one, an appended one if there was nothing, or what was there from the start. */
  #begin(text: string, read: number): Node | MonitorVerdict {
    const initial = this.#root.text;
    const fits = this.#fitting(this.#puts, text, 0);
    if (initial !== null && initial !== '') {
      if (!text.startsWith(textOf(this.#root))) return this.#placeOnly(fits, undefined, text, read);
      return fits.length === 0 ? this.#root : ambiguous(text);
    }
    const appended = this.#fitting(this.#appends, text, 0);
    if (fits.length === 0) return this.#placeOnly(appended, this.#root, text, read);
    const first = appended.some(({ call }) => this.#mayBeFirst(call));
    return first ? ambiguous(text) : this.#placeOnly(fits, undefined, text, read);
  }

  /** Whether nothing was put or appended for certain before the call began. No text becomes empty again. */
  #mayBeFirst(append: number): boolean {
    const { invoked, returned } = this.#calls.columns;
    return this.#changes.every(({ call }) => (returned[call] ?? 0) > (invoked[append] ?? 0));
  }

  /** The pieces that the text may have at this place. */
  #fitting(pieces: ReadonlyMap<string, Piece>, text: string, at: number): Piece[] {
    const fits: Piece[] = [];
    for (const length of this.#lengths) {
      const piece = pieces.get(text.slice(at, at + length));
      if (piece?.text.length === length) fits.push(piece);
    }
    return fits;
  }

  /** Places the piece, if it is only one that fits. */
  #placeOnly(
    fits: readonly Piece[],
    after: Node | undefined,
    text: string,
    read: number,
  ): Node | MonitorVerdict {
    const [piece, other] = fits;
    if (piece === undefined) return fromNowhere(text, read);
    return other === undefined ? this.#place(piece, after, read) : ambiguous(text);
  }

  /** The read shows the piece after that text. It is a contradiction if another shows it elsewhere. */
  #place(piece: Piece, after: Node | undefined, read: number): Node | MonitorVerdict {
    const { text, call, repeated, shown } = piece;
    if (repeated)
      return { valid: 'inapplicable', why: `the piece ${show(text)} comes from more than one call` };
    if (shown === undefined) {
      piece.shown = { node: this.#newNode(textOf(after) + text, after), read };
      return piece.shown.node;
    }
    if (shown.node.after === after) return shown.node;
    const conflict = [...new Set([call, shown.read, read])].sort((a, b) => a - b);
    return {
      valid: false,
      conflict,
      reason: `the piece ${show(text)} was ${piece.appended ? 'appended' : 'put'} once, but reads show it in two places`,
    };
  }

  #steps(): Steps {
    const { result } = this.#calls.columns;
    const role = new Uint8Array(this.#calls.length);
    const value = new Int32Array(this.#calls.length);
    const next = new Int32Array(this.#calls.length);
    for (const read of this.#reads) {
      role[read] = OBSERVE;
      value[read] = this.#nodeRead.get(result[read] ?? 0)?.value ?? 0;
    }
    for (const { call, text, shown } of this.#changes) {
      const node = shown?.node ?? this.#newNode(text, undefined);
      const { after } = node;
      role[call] = after === undefined ? SET : SWAP;
      value[call] = (after ?? node).value;
      next[call] = node.value;
    }
    return {
      calls: this.#calls,
      role,
      value,
      next,
      values: this.#texts.length,
      hasSwaps: role.includes(SWAP),
      misses: [],
      swapName: 'append',
      readsShowSwaps: true,
      valueAt: (number) => this.#texts[number] ?? null,
    };
  }
}

/** The node's text; that of none, and nil, have no characters. */
function textOf(node: Node | undefined): string {
  return typeof node?.text === 'string' ? node.text : '';
}

function fromNowhere(text: Json, read: number): MonitorVerdict {
  return { valid: false, conflict: [read], reason: `${show(text)} was read, which no calls can have made` };
}

function ambiguous(text: string): MonitorVerdict {
  return { valid: 'inapplicable', why: `the text ${show(text)} may have been made in several ways` };
}
