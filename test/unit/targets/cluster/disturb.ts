/**
 * Random faults in a fabric: partitions, one-way cuts, crashes with torn writes, restarts and loss, drawn from its seed.
 */
import type { Fabric } from './fabric.ts';

/** Draws one fault after the other until the time is up, then takes all of them back. */
export async function disturb(fabric: Fabric, end: number): Promise<void> {
  const random = fabric.random.fork('faults');
  while (fabric.now < end) {
    const [node = 'n1'] = random.shuffle(fabric.ids);
    const side = random.shuffle(fabric.ids).slice(0, random.int(fabric.ids.length));
    const what = random.int(6);
    if (what === 0) fabric.partition(side, fabric.others(...side));
    else if (what === 1) for (const other of fabric.others(node)) fabric.cut(node, other);
    else if (what === 2) fabric.heal();
    else if (what === 3 && fabric.isUp(node)) fabric.crash(node, random.chance(0.5));
    else if (what === 4) for (const id of fabric.ids.filter((id) => !fabric.isUp(id))) await fabric.start(id);
    else fabric.loss = random.pick([0, 0.05, 0.3]);
    await fabric.run(random.between(50, 800));
  }
  fabric.heal();
  fabric.loss = 0;
  for (const id of fabric.ids.filter((id) => !fabric.isUp(id))) await fabric.start(id);
}
