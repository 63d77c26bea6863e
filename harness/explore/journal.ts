/**
 * The journal of a simulated run: every event with the checksum of everything until then, so that two runs which
 * should be the same can be laid side by side and the first thing that differs be named. In columns of numbers,
 * some twenty bytes an event: a run has hundreds of thousands.
 */
import { checksumOf } from '../cluster/sim/checksum.ts';
import type { SimEvent } from '../cluster/sim/event-queue.ts';
import { EVENT, type SimJournal } from '../cluster/sim/world.ts';
import { NANOS_PER_MS } from '../time.ts';

const FIRST_SIZE = 1 << 14;

/** Names of kinds of events. */
const KINDS = new Map<number, string>(Object.entries(EVENT).map(([name, kind]) => [kind, name]));

/** Takes down the events of one run. */
export class Journal implements SimJournal {
  #length = 0;
  #times = new Float64Array(FIRST_SIZE);
  #kinds = new Uint8Array(FIRST_SIZE);
  /** Names of whom it concerns and of what comes with it, by number. */
  #subjects = new Uint16Array(FIRST_SIZE);
  #contents = new Uint16Array(FIRST_SIZE);
  #checksums = new Uint32Array(FIRST_SIZE);
  /** Of what comes with each, which the world's checksum does not see. */
  #digests = new Uint32Array(FIRST_SIZE);
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** How many events there were. */
  get length(): number {
    return this.#length;
  }

  event({ time, kind, subject, content }: SimEvent, checksum: number): void {
    if (this.#length === this.#times.length) this.#grow();
    const place = this.#length++;
    this.#times[place] = time;
    this.#kinds[place] = kind;
    this.#subjects[place] = this.#numberOf(subject.name);
    this.#contents[place] = this.#numberOf(nameOf(content));
    this.#checksums[place] = checksum;
    this.#digests[place] = content === undefined ? 0 : checksumOf(JSON.stringify(content));
  }

  /** The number of the first event that is another in the other journal; undefined when all are the same. */
  firstDifference(other: Journal): number | undefined {
    const most = Math.max(this.#length, other.#length);
    for (let place = 0; place < most; place++) if (!this.#isSame(place, other)) return place;
    return undefined;
  }

  /** Whether an event is the same in the other journal but for what comes with it. */
  carriesOther(place: number, other: Journal): boolean {
    return this.#checksums[place] === other.#checksums[place];
  }

  /** An event in words; undefined when there were not as many. */
  describe(place: number): string | undefined {
    if (place >= this.#length) return undefined;
    const seconds = ((this.#times[place] ?? 0) / (1000 * NANOS_PER_MS)).toFixed(9);
    const kind = KINDS.get(this.#kinds[place] ?? 0) ?? 'event';
    const subject = this.#names[this.#subjects[place] ?? 0] ?? '';
    const content = this.#names[this.#contents[place] ?? 0] ?? '';
    return `${seconds} s  ${kind} ${subject} ${content}`.trimEnd();
  }

  #isSame(place: number, other: Journal): boolean {
    return (
      place < this.#length &&
      place < other.#length &&
      this.#checksums[place] === other.#checksums[place] &&
      this.#digests[place] === other.#digests[place]
    );
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  #grow(): void {
    const size = 2 * this.#length;
    this.#times = grown(new Float64Array(size), this.#times);
    this.#kinds = grown(new Uint8Array(size), this.#kinds);
    this.#subjects = grown(new Uint16Array(size), this.#subjects);
    this.#contents = grown(new Uint16Array(size), this.#contents);
    this.#checksums = grown(new Uint32Array(size), this.#checksums);
    this.#digests = grown(new Uint32Array(size), this.#digests);
  }
}

function grown<T extends { set(from: T): void }>(into: T, from: T): T {
  into.set(from);
  return into;
}

/** What comes with an event, in a word: a message's type, a request's path, what became of a request. */
function nameOf(content: unknown): string {
  const { message, path, kind } = (content ?? {}) as Readonly<Record<string, unknown>>;
  const type = (message as Readonly<Record<string, unknown>> | null | undefined)?.['type'];
  const [name] = [type, path, kind].filter((word) => typeof word === 'string');
  return name ?? '';
}
