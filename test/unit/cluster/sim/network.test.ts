/** What becomes of messages on simulated links. */
import assert from 'node:assert/strict';
import { SimNetwork, type Parcel } from '../../../../harness/cluster/sim/network.ts';
import { DEFAULT_SETTINGS, type SimSettings } from '../../../../harness/cluster/sim/options.ts';
import { World } from '../../../../harness/cluster/sim/world.ts';
import { QUEUE_MAX } from '../../../../harness/node/peer-link.ts';
import type { Json } from '../../../../harness/json.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';

const AB = { from: 'a', to: 'b' };
const BA = { from: 'b', to: 'a' };

interface Arrival {
  readonly link: string;
  readonly message: Json;
  readonly ms: number;
}

/** Two nodes that write down what reaches them. */
class Pair {
  readonly world = new World('1');
  readonly arrivals: Arrival[] = [];
  readonly network: SimNetwork;
  down = false;

  constructor(settings: Partial<SimSettings> = {}) {
    this.network = new SimNetwork(this.world, ['a', 'b'], {
      ...DEFAULT_SETTINGS,
      duplicates: 0,
      ...settings,
    });
    for (const node of ['a', 'b']) {
      this.network.connect(node, {
        arrive: (take) => {
          if (!this.down) take();
          return !this.down;
        },
        deliver: (from, parcel) => this.#note(`${from}>${node}`, parcel),
      });
    }
  }

  send(message: Json, { from, to } = AB): void {
    this.network.send(from, to, { message });
  }

  /** Both nodes are up, and connected. */
  up(): void {
    for (const node of ['a', 'b']) this.network.attach(node);
  }

  async messages(ms = 1000): Promise<Json[]> {
    await this.world.time.sleep(ms);
    return this.arrivals.splice(0).map(({ message }) => message);
  }

  #note(link: string, parcel: Parcel): void {
    const message = 'message' in parcel ? parcel.message : parcel.probe;
    this.arrivals.push({ link, message, ms: this.world.now / NANOS_PER_MS });
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('simulator: network', () => {
  it('should deliver every message once within the latency, later ones sometimes earlier', async () => {
    const pair = new Pair();
    for (const number of numbers(100)) pair.send(number);
    await pair.world.time.sleep(2);
    const times = pair.arrivals.map(({ ms }) => ms);
    assert.ok(Math.min(...times) >= 0.2 && Math.max(...times) <= 2);
    const messages = await pair.messages();
    assert.notDeepEqual(messages, numbers(100));
    assert.deepEqual(
      messages.sort((x, y) => Number(x) - Number(y)),
      numbers(100),
    );
  });

  it('should be silent on a cut link in that direction only, until it is healed', async () => {
    const pair = new Pair();
    pair.send('under way');
    pair.network.cut([AB]);
    pair.send('dropped');
    pair.network.send('a', 'b', { probe: 'dropped as well' });
    pair.send('back', BA);
    assert.deepEqual(await pair.messages(), ['back']);
    pair.network.heal([AB]);
    pair.send('healed');
    assert.deepEqual(await pair.messages(), ['healed']);
  });

  it('should lose what is on its way at a reset, and nothing after it', async () => {
    const pair = new Pair();
    pair.send('lost');
    pair.send('other direction', BA);
    pair.network.reset([AB]);
    pair.send('after');
    assert.deepEqual((await pair.messages()).sort(), ['after', 'other direction']);
  });

  it('should lose and double the share that it is told', async () => {
    const lossy = new Pair({ loss: 0.3 });
    for (const number of numbers(1000)) lossy.send(number);
    const left = (await lossy.messages()).length;
    assert.ok(left > 650 && left < 750, `${left} of 1000`);
    const doubling = new Pair({ duplicates: 1 });
    doubling.send('twice');
    assert.deepEqual(await doubling.messages(), ['twice', 'twice']);
  });

  it('should bend a link by delay and rate, and straighten it', async () => {
    const pair = new Pair();
    pair.network.shape([AB], { delayMs: 200, jitterMs: 50 });
    pair.send('late');
    await pair.world.time.sleep(300);
    const [late] = pair.arrivals.splice(0);
    assert.ok(late !== undefined && late.ms >= 200 && late.ms <= 252, JSON.stringify(late));
    pair.network.shape([AB], { rate: 1000 });
    for (const number of numbers(10)) pair.send(`${number}`.padEnd(80, '.'));
    assert.equal((await pair.messages(500)).length, 5, 'some hundred bytes a message');
    assert.equal((await pair.messages(2000)).length, 5);
    pair.network.shape([AB], {});
    pair.send('soon');
    assert.deepEqual(await pair.messages(2), ['soon']);
  });

  it('should lose, double and hold back the share that the shape of a link says, in that direction only', async () => {
    const pair = new Pair();
    pair.network.shape([AB], { loss: 0.3 });
    for (const number of numbers(1000)) pair.send(number);
    pair.send('back', BA);
    const left = await pair.messages();
    assert.ok(left.length > 650 && left.length < 750, `${left.length} of 1001`);
    assert.ok(left.includes('back'));
    pair.network.shape([AB], { duplicate: 0.5 });
    for (const number of numbers(1000)) pair.send(number);
    const doubled = (await pair.messages()).length;
    assert.ok(doubled > 1440 && doubled < 1560, `${doubled} of 1000`);
    pair.network.shape([AB], { reorder: { share: 0.4, byMs: 100 } });
    for (const number of numbers(1000)) pair.send(number);
    const soon = (await pair.messages(50)).length;
    assert.ok(soon > 550 && soon < 650, `${soon} of 1000`);
    assert.equal((await pair.messages(60)).length, 1000 - soon);
    pair.network.shape([AB], {});
    for (const number of numbers(100)) pair.send(number);
    assert.equal((await pair.messages(2)).length, 100);
  });

  it('should lose a damaged message, with all that is on its way then, and nothing after it', async () => {
    const pair = new Pair();
    pair.up();
    pair.network.shape([AB], { corrupt: 1 });
    pair.send('damaged');
    pair.network.shape([AB], { delayMs: 1 });
    pair.send('with it');
    pair.send('back', BA);
    assert.deepEqual(await pair.messages(10), ['back']);
    assert.equal(pair.network.connections('b')['a']?.in.damaged, 1);
    pair.send('after');
    assert.deepEqual(await pair.messages(10), ['after']);
  });

  it('should lose everything on a half-open link until the sender gives it up, and no longer', async () => {
    const pair = new Pair();
    pair.up();
    pair.network.forget([AB]);
    for (const number of numbers(6)) {
      pair.send(number);
      await pair.world.time.sleep(100);
    }
    assert.deepEqual(await pair.messages(), [5], 'lost for half a second from the first on');
    assert.equal(pair.network.connections('a')['b']?.out.ended.silent, 1);
  });

  it('should lose what is sent to a node that died until the sender learns of it, though it is up again', async () => {
    for (const closeMs of [0, 300]) {
      const pair = new Pair();
      pair.up();
      pair.network.shape([AB], { closeMs });
      pair.network.breakOff('b');
      pair.network.attach('b');
      pair.send('early');
      const early = await pair.messages(310);
      assert.deepEqual(early, closeMs === 0 ? ['early'] : []);
      pair.send('late');
      assert.deepEqual(await pair.messages(10), ['late']);
    }
  });

  it('should go on without names where there is a connection, and not make another', async () => {
    const pair = new Pair();
    pair.up();
    pair.network.shape([AB], { unresolved: true });
    pair.send('on the old one');
    assert.deepEqual(await pair.messages(10), ['on the old one']);
    assert.equal(pair.network.hangUp('a', 'b'), true);
    await pair.world.time.sleep(100);
    pair.send('lost');
    assert.deepEqual(await pair.messages(10), []);
    assert.ok((pair.network.connections('a')['b']?.out.ended.unresolved ?? 0) > 0);
    pair.network.shape([AB], {});
    pair.send('found');
    assert.deepEqual(await pair.messages(10), ['found']);
  });

  it('should keep nodes without descriptors from new connections, and leave them the old', async () => {
    for (const limited of ['a', 'b']) {
      const pair = new Pair();
      pair.up();
      pair.network.limit(limited, true);
      pair.send('old');
      assert.deepEqual(await pair.messages(10), ['old']);
      pair.network.reset([AB]);
      pair.send('none');
      assert.deepEqual(await pair.messages(10), []);
      pair.network.limit(limited, false);
      pair.send('new');
      assert.deepEqual(await pair.messages(10), ['new']);
    }
  });

  it('should have messages that a bend spares travel as they would without it', async () => {
    const timesOf = async (loss: number): Promise<Map<Json, number>> => {
      const pair = new Pair();
      pair.network.shape([AB], { loss });
      for (const number of numbers(100)) {
        pair.send(number);
        await pair.world.time.sleep(3);
      }
      return new Map(pair.arrivals.map(({ message, ms }) => [message, ms]));
    };
    const [whole, lossy] = [await timesOf(0), await timesOf(0.5)];
    assert.equal(whole.size, 100);
    assert.ok(lossy.size > 30 && lossy.size < 70);
    for (const [message, ms] of lossy) assert.equal(ms, whole.get(message));
  });

  it('should bound what is on its way, losing the oldest first', async () => {
    const pair = new Pair();
    for (const number of numbers(QUEUE_MAX.messages + 10)) pair.send(number);
    const messages = (await pair.messages()).map(Number).sort((x, y) => x - y);
    assert.deepEqual(messages, numbers(QUEUE_MAX.messages + 10).slice(10));
  });

  it('should lose what arrives at a node that is down, and deliver again when it is up', async () => {
    const pair = new Pair();
    pair.down = true;
    pair.send('lost');
    assert.deepEqual(await pair.messages(), []);
    pair.down = false;
    pair.send('delivered');
    assert.deepEqual(await pair.messages(), ['delivered']);
  });

  it('should carry copies, so that nodes share nothing', async () => {
    const pair = new Pair({ duplicates: 1 });
    const own = { list: [1] };
    pair.send(own);
    own.list.push(2);
    const [first, second] = await pair.messages();
    assert.deepEqual([first, second], [{ list: [1] }, { list: [1] }]);
    assert.notEqual(first, second);
  });

  it('should name the links and peers that there are when asked for another', () => {
    const { network } = new Pair();
    assert.throws(() => network.send('a', 'c', { message: null }), /no peer 'c'; the peers of a are b/);
    assert.throws(() => network.cut([{ from: 'a', to: 'a' }]), /No link a>a in this cluster of a, b/);
  });
});
