/**
 * Cuts of links between real containers, as the nodes themselves see them.
 */
import assert from 'node:assert/strict';
import { allLinks, linkName, type Link } from '../../../harness/cluster/cluster.ts';
import { requireDocker } from './engine.ts';
import { heard, notebooks, type Fixture } from './fixture.ts';

const NODES = ['n1', 'n2', 'n3'];
const LINKS = allLinks(NODES);
const ALL = LINKS.map(linkName);

/** Long enough for a link that works, with time to connect anew. */
const WORKS_MS = 5000;
/** Short, for a link that must stay silent. */
const SILENT_MS = 400;

function link(name: string): Link {
  const [from = '', to = ''] = name.split('>');
  return { from, to };
}

describe('docker cuts', () => {
  let fixture: Fixture;

  before(() => (fixture = notebooks(NODES)));
  before(requireDocker);
  before(() => fixture.cluster.start());
  after(() => fixture[Symbol.asyncDispose]());
  afterEach(() => fixture.cluster.heal(LINKS));

  /** Exactly these links are cut, and every other works. */
  async function assertCut(cut: readonly string[]): Promise<void> {
    const { cluster } = fixture;
    const others = ALL.filter((name) => !cut.includes(name));
    assert.deepEqual(await heard(cluster, others.map(link), WORKS_MS), others);
    assert.deepEqual(await heard(cluster, cut.map(link), SILENT_MS), []);
  }

  it('should start with every link working', () => assertCut([]));

  it('should cut one direction and leave the other', async () => {
    await fixture.cluster.cut([link('n1>n2')]);
    await assertCut(['n1>n2']);
    await fixture.cluster.heal([link('n1>n2')]);
    await assertCut([]);
  });

  it('should heal one of two overlapping cuts and leave the other', async () => {
    const { cluster } = fixture;
    await cluster.cut([link('n1>n2'), link('n2>n1')]);
    await cluster.cut([link('n1>n3'), link('n1>n2')]);
    await assertCut(['n1>n2', 'n2>n1', 'n1>n3']);
    await cluster.heal([link('n2>n1'), link('n1>n2')]);
    await assertCut(['n1>n3']);
  });

  it('should keep a cut over the restart of either end, and of both', async () => {
    const { cluster } = fixture;
    await cluster.cut([link('n1>n2')]);
    for (const ends of [['n1'], ['n2'], ['n1', 'n2']]) {
      await Promise.all(ends.map((node) => cluster.kill(node)));
      await Promise.all(ends.map((node) => cluster.restart(node)));
      await assertCut(['n1>n2']);
    }
  });

  it('should cut the links of a node that is down', async () => {
    const { cluster } = fixture;
    await cluster.kill('n3');
    await cluster.cut([link('n3>n1')]);
    await cluster.restart('n3');
    await assertCut(['n3>n1']);
  });

  it('should cut and heal a link while both its ends are paused', async () => {
    const { cluster } = fixture;
    const ends = ['n1', 'n2'];
    const whilePaused = async (work: () => Promise<void>): Promise<void> => {
      await Promise.all(ends.map((node) => cluster.pause(node)));
      await work();
      await Promise.all(ends.map((node) => cluster.resume(node)));
    };
    await whilePaused(() => cluster.cut([link('n2>n1')]));
    await assertCut(['n2>n1']);
    await whilePaused(() => cluster.heal([link('n2>n1')]));
    await assertCut([]);
  });
});
