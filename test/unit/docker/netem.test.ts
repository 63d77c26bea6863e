/** Commands for the kernel's queues. What they do was seen in a kernel that has netem: the header of netem.ts says what it is to be. */
import assert from 'node:assert/strict';
import { queuedPart, queuesOf, unqueuedPart } from '../../../harness/cluster/docker/netem.ts';

const LINK = { ip: '10.0.0.2', position: 1 };

describe('docker queues', () => {
  it('should make a class for a peer and lead to it what this node sends to that peer', () => {
    assert.deepEqual(queuesOf([{ ...LINK, shape: { delayMs: 100, jitterMs: 40 } }], 7000, true).split('\n'), [
      'tc qdisc replace dev eth0 root handle 1: htb default 0 direct_qlen 50000',
      'tc class add dev eth0 parent 1: classid 1:2 htb rate 10gbit burst 15k quantum 60000',
      'tc filter add dev eth0 parent 1: protocol ip prio 2 u32 match ip dst 10.0.0.2/32 match ip protocol 6 0xff ' +
        'match ip dport 7000 0xffff flowid 1:2',
      'tc qdisc replace dev eth0 parent 1:2 handle 101: netem limit 50000 delay 120000us 20000us rate 0bit',
    ]);
  });

  it('should only change the parameters afterwards, and set all of them', () => {
    assert.equal(
      queuesOf([{ ...LINK, shape: { rate: 50_000 } }], 7000, false),
      'tc qdisc replace dev eth0 parent 1:2 handle 101: netem limit 50000 delay 0us 0us rate 400000bit',
    );
    assert.equal(
      queuesOf([{ ...LINK, shape: {} }], 7000, false),
      'tc qdisc replace dev eth0 parent 1:2 handle 101: netem limit 50000 delay 0us 0us rate 0bit',
    );
  });

  it('should take of a shape what a kernel can do, and leave the rest', () => {
    const [queued, rest] = [
      { delayMs: 1, jitterMs: 2, rate: 3 },
      { loss: 0.1, closeMs: 4, unresolved: true },
    ];
    assert.deepEqual(
      [queuedPart({ ...queued, ...rest }), unqueuedPart({ ...queued, ...rest })],
      [queued, rest],
    );
    assert.deepEqual([queuedPart(rest), unqueuedPart(queued)], [{}, {}]);
  });
});
