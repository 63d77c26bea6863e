import assert from 'node:assert/strict';
import type { Ability, Runtime } from '../../../harness/cluster/cluster.ts';
import { UsageError } from '../../../harness/errors.ts';
import { parseNemesis } from '../../../harness/run/nemesis-spec.ts';
import { faults } from '../../../nemesis/index.ts';
import { abilitiesNamed } from '../../fixtures/fake-cluster.ts';

const NODES = ['n1', 'n2', 'n3'];

function runtimeWith(...abilities: Ability[]): Runtime {
  return {
    name: 'limited',
    summary: '',
    abilities: abilitiesNamed(...abilities),
    probe: () => Promise.resolve({ available: true, detail: '' }),
    create: () => assert.fail('nothing is started here'),
    reap: () => Promise.resolve([]),
  };
}

const everything = runtimeWith('kill', 'pause', 'cut', 'reset', 'delay', 'rate');
const parse = (text: string, runtime = everything): ReturnType<typeof parseNemesis> =>
  parseNemesis(text, { families: faults, runtime, nodes: NODES });

describe('parseNemesis', () => {
  it('should give each family with the kinds it may draw from', () => {
    const parts = parse('partition:ring+leader,kill');
    assert.deepEqual(
      parts.map(({ family, kinds }) => [family.name, kinds]),
      [
        ['partition', ['ring', 'leader']],
        ['kill', ['one', 'minority', 'majority', 'all', 'leader']],
      ],
    );
  });

  it('should give nothing for none', () => {
    assert.deepEqual(parse('none'), []);
  });

  it('should take a partition written out', () => {
    assert.deepEqual(parse('partition:n1/n2-n3')[0]?.kinds, ['n1/n2-n3']);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /expected fault families, such as partition,kill, or none/],
    ['partitoin', /there is no fault "partitoin" \(did you mean partition\?\)/],
    ['partition:rng', /\(did you mean ring\?\); kinds are/],
    ['earthquake', /there is no fault "earthquake"; there are partition, kill, pause/],
    ['kill:half', /"half" is neither a node spec nor one of n1 n2 n3; kinds are one, minority/],
    ['partition:n1/n9', /there is no node "n9" among n1 n2 n3/],
    ['partition:n1-n2/n2', /node n2 is in two groups/],
    ['partition:n1-n2-n3', /it cuts nothing/],
    ['kill,kill:all', /kill is named twice/],
    ['kill:one@leader', /kill says itself whom it strikes; leave "@leader" out/],
    ['bit-flip:dusk', /bit-flip has no kind "dusk"; kinds are .*; each may be aimed, as in \w+@leader/],
    [
      'bit-flip:running@n9',
      /"n9" is neither a node spec nor one of n1 n2 n3; after "@" comes one of one, minority/,
    ],
  ];
  for (const [text, message] of refused) {
    it(`should refuse ${text} and say what would be right`, () => {
      assert.throws(
        () => parse(text),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('should refuse a fault that the runtime cannot do, and name those that it can', () => {
    const limited = runtimeWith('kill');
    assert.throws(() => parse('partition', limited), /cannot do it here \(it lacks: cut\); it can do kill/);
    assert.equal(parse('kill', limited).length, 1);
  });
});
