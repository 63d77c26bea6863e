/**
 * The monitor of texts against the oracle, and by hand on the histories that its rules are about.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { Random } from '../../../../../harness/random.ts';
import { textMonitor } from '../../../../../checkers/linearizable/monitors/register/texts.ts';
import { kv } from '../../../../../checkers/models/kv.ts';
import type { Model } from '../../../../../checkers/models/model.ts';
import { alone, type Entry } from '../../histories.ts';
import { Asserted, fuzz, requireFrequent } from './held.ts';
import { useSpecimen, type Specimen } from './specimens.ts';

const monitor = textMonitor({ read: ['get'], write: ['put'], append: ['append'] });
const asserted = new Asserted(monitor, '');

/** The text of one key, made of pieces `a.`, `b.`, … that are mostly new. */
function specimen(random: Random): Specimen {
  const init: Json = random.pick(['', null, 'i.', '']);
  const puts = random.chance(0.5) ? 0.2 : 0;
  let text: Json = init;
  let latest = 0;
  const past: Json[] = [init];
  const letter = (number: number): string => `${String.fromCharCode(97 + number)}.`;
  const piece = (): string => letter(random.chance(0.97) ? latest++ : random.int(latest + 1));
  return {
    init,
    draw() {
      const kind = random.next();
      if (kind < 0.45) return { f: 'get', value: null };
      return { f: kind < 0.45 + puts ? 'put' : 'append', value: piece() };
    },
    run(f, argument) {
      if (f === 'get') return text;
      past.push(text);
      text = f === 'put' ? argument : `${(text ?? '') as string}${argument as string}`;
      return argument;
    },
    lie(f, result) {
      if (f !== 'get') return result;
      const seen = (result ?? '') as string;
      const kind = random.int(5);
      if (kind === 0) return seen.slice(0, -2);
      if (kind === 1) return seen + letter(random.int(latest + 1));
      if (kind === 2) return random.shuffle(seen.split(/(?<=\.)/)).join('');
      return kind === 3 ? text : random.pick(past);
    },
  };
}

describe('the monitor of a text', () => {
  it('should agree with the oracle', () => {
    const oneKey = kv.perKey?.('k', null) ?? kv;
    // The same whatever it starts with.
    const model: Model = { ...oneKey, init: (value) => value };
    const tally = fuzz(
      { model, monitor },
      (random) => useSpecimen(specimen(random), random),
      'texts',
      20_000,
    );
    requireFrequent(tally);
    assert.ok(tally.conflicting / tally.verdicts.false < 6);
  });

  it('should find what appends found in what was read', () => {
    const start = [...alone(0, 'append', 'a.'), ...alone(0, 'append', 'b.')];
    asserted.linearizable(...start, ...alone(0, 'get', null, 'a.b.'));
    asserted.conflict(
      [0, 1, 2],
      /the value "b." was there again after/,
      ...start,
      ...alone(0, 'get', null, 'b.a.'),
    );
  });

  it('should put appends that no read shows where they do no harm', () => {
    const history = (last: string): Entry[] => [
      ...alone(0, 'put', 'a.'),
      ...alone(0, 'append', 'b.'),
      ...alone(0, 'put', 'c.'),
      ...alone(0, 'get', null, last),
    ];
    asserted.linearizable(...history('c.'));
    asserted.conflict([3], /which no calls can have made/, ...history('c.b.a.'));
    asserted.conflict(
      [0, 3, 4],
      /both before and after/,
      ...alone(0, 'put', 'a.'),
      ...alone(0, 'get', null, 'a.'),
      ...history('a.').slice(2),
    );
  });

  it('should say so where a text falls into pieces in several ways', () => {
    const pieces = [...alone(0, 'append', 'a'), ...alone(0, 'append', 'ab'), ...alone(0, 'append', 'b')];
    asserted.inapplicable(/made in several ways/, ...pieces, ...alone(0, 'get', null, 'aabb'));
    const unique = [...alone(0, 'append', 'a'), ...alone(0, 'append', 'cb'), ...alone(0, 'append', 'b')];
    asserted.linearizable(...unique, ...alone(0, 'get', null, 'acbb'));
    asserted.inapplicable(
      /the piece "a" comes from more than one/,
      ...unique,
      ...unique,
      ...alone(0, 'get', null, 'a'),
    );
  });
});
