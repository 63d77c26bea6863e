/** Links between real containers, hurt in every way. */
import { itHurtsLinks, NODES } from '../link-faults.ts';
import { requireDocker } from './engine.ts';
import { notebooks, type Fixture } from './fixture.ts';

describe('links between containers', () => {
  let fixture: Fixture;

  before(() => (fixture = notebooks(NODES)));
  before(requireDocker);
  before(() => fixture.cluster.start());
  after(() => fixture[Symbol.asyncDispose]());

  itHurtsLinks(() => fixture.cluster);
});
