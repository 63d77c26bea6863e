/** The node's configuration: what is accepted, and that each mistake is named by its field. */
import assert from 'node:assert/strict';
import {
  NODE_CONFIG_VARIABLE,
  parseAddress,
  readNodeConfig,
  type NodeConfig,
} from '../../../harness/node/config.ts';

const config: NodeConfig = {
  id: 'n1',
  peers: { n2: '127.0.0.1:4001' },
  host: '127.0.0.1',
  peerPort: 4000,
  clientPort: 5000,
  dataDirectory: '/data',
  seed: '7/n1',
  options: { leaseMs: 100 },
  exitWithParent: true,
  troubleFile: '/run/trouble.json',
};

function read(changes: Record<string, unknown>): NodeConfig {
  return readNodeConfig({ [NODE_CONFIG_VARIABLE]: JSON.stringify({ ...config, ...changes }) });
}

describe('node configuration', () => {
  it('should read back what a runtime wrote', () => {
    assert.deepEqual(read({}), config);
  });

  it('should say that the variable is missing', () => {
    assert.throws(() => readNodeConfig({}), /SPLITBRAIN_NODE is not set/);
  });

  it('should say that the text is not JSON', () => {
    assert.throws(() => readNodeConfig({ [NODE_CONFIG_VARIABLE]: '{' }), /is not JSON: \{/);
  });

  for (const [field, wrong] of Object.entries({
    id: '',
    peers: [],
    host: 4,
    peerPort: 70_000,
    clientPort: 'http',
    dataDirectory: null,
    seed: 1,
    options: 'x',
    troubleFile: 5,
  })) {
    it(`should name the field ${field} when it is wrong`, () => {
      assert.throws(() => read({ [field]: wrong }), new RegExp(`SPLITBRAIN_NODE.${field}: expected`));
    });
  }

  it('should name the peer whose address is wrong', () => {
    assert.throws(
      () => read({ peers: { n2: 'nowhere' } }),
      /peers\.n2: expected 'host:port', found "nowhere"/,
    );
  });

  it('should take addresses apart at the last colon', () => {
    assert.deepEqual(parseAddress('::1:80', 'x'), { host: '::1', port: 80 });
  });
});
