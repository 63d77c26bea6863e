/**
 * Packet filter rules, derived from what is done to links now.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redirectsOf, rulesOf } from '../../../harness/cluster/docker/rules.ts';

const ADDRESSES = {
  ips: new Map([
    ['n1', '10.213.7.11'],
    ['n2', '10.213.7.12'],
    ['n3', '10.213.7.13'],
  ]),
  peerPort: 7000,
};
const NODES = [...ADDRESSES.ips.keys()];
const FIRST_CUT = { from: 'n1', to: 'n2' };
const DROP = '-A SPLITBRAIN -s 10.213.7.11 -d 10.213.7.12 -p tcp --dport 7000 -j DROP';

describe('docker rules', () => {
  it('should be an empty chain when nothing is cut', () => {
    assert.equal(rulesOf('n1', [], ADDRESSES, false), '*filter\n:SPLITBRAIN - [0:0]\nCOMMIT\n');
  });

  it('should jump to the chain in a fresh network namespace, and only there', () => {
    const fresh = rulesOf('n1', [], ADDRESSES, true).split('\n');
    assert.deepEqual(fresh.slice(2, 4), ['-A INPUT -j SPLITBRAIN', '-A OUTPUT -j SPLITBRAIN']);
    assert.doesNotMatch(rulesOf('n1', [], ADDRESSES, false), /INPUT|OUTPUT/);
  });

  it('should drop what the sender sends to the peer port, at both ends and nowhere else', () => {
    assert.ok(rulesOf('n1', [FIRST_CUT], ADDRESSES, false).includes(DROP));
    assert.ok(rulesOf('n2', [FIRST_CUT], ADDRESSES, false).includes(DROP));
    assert.equal(rulesOf('n3', [FIRST_CUT], ADDRESSES, false), rulesOf('n3', [], ADDRESSES, false));
  });

  it('should have one rule for each cut that touches the node, whatever the cuts', () => {
    const links = NODES.flatMap((from) => NODES.filter((to) => to !== from).map((to) => ({ from, to })));
    fc.assert(
      fc.property(fc.subarray(links), fc.constantFrom(...NODES), (cuts, node) => {
        const touching = cuts.filter(({ from, to }) => from === node || to === node);
        const drops = rulesOf(node, cuts, ADDRESSES, false).match(/-j DROP/g) ?? [];
        assert.equal(drops.length, touching.length);
      }),
    );
  });

  it('should refuse a node that is not in the cluster', () => {
    assert.throws(() => rulesOf('n1', [{ from: 'n1', to: 'n9' }], ADDRESSES, false), /no node "n9"/);
  });

  it('should keep a receiver that has forgotten a connection from telling its sender, at the receiver', () => {
    const halfOpen = [{ link: { from: 'n1', to: 'n2' }, port: 40_123 }];
    const silence =
      '-A SPLITBRAIN -s 10.213.7.12 -d 10.213.7.11 -p tcp --sport 7000 --dport 40123 --tcp-flags RST RST -j DROP';
    assert.ok(rulesOf('n2', [], ADDRESSES, false, halfOpen).includes(silence));
    assert.equal(rulesOf('n1', [], ADDRESSES, false, halfOpen), rulesOf('n1', [], ADDRESSES, false));
  });

  it("should lead a node's own connections to its agent, and leave the agent's", () => {
    const rules = redirectsOf([{ to: 'n2', listen: 7101 }], ADDRESSES, true).split('\n');
    assert.deepEqual(rules, [
      '*nat',
      ':SPLITBRAIN - [0:0]',
      '-A OUTPUT -j SPLITBRAIN',
      '-A SPLITBRAIN -d 10.213.7.12 -p tcp --dport 7000 -m owner ! --uid-owner 7077 -j REDIRECT --to-ports 7101',
      'COMMIT',
      '',
    ]);
    assert.equal(redirectsOf([], ADDRESSES, false), '*nat\n:SPLITBRAIN - [0:0]\nCOMMIT\n');
  });
});
