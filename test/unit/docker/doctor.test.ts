/**
 * What `splitbrain doctor` makes of what it finds.
 */
import assert from 'node:assert/strict';
import { diagnose, diagnoseMemory, diagnoseNode, exitCodeOf, render } from '../../../harness/cli/doctor.ts';

const OK = { name: 'Docker engine', status: 'ok', detail: '20.10' } as const;
const LIMITED = {
  name: 'Link delay',
  status: 'limited',
  detail: 'no netem',
  cost: 'a cost',
  remedy: 'a remedy',
} as const;
const MISSING = { name: 'Docker engine', status: 'missing', detail: 'silence' } as const;

describe('doctor', () => {
  it('should accept the Node versions that are supported, and no others', () => {
    for (const version of ['22.22.0', '24.0.0', '25.1.2'])
      assert.equal(diagnoseNode(version).status, 'ok', version);
    for (const version of ['20.20.1', '22.21.9', '18.0.0']) {
      const finding = diagnoseNode(version);
      assert.equal(finding.status, 'missing', version);
      assert.match(finding.remedy ?? '', /npm/);
    }
  });

  it('should warn of little memory', () => {
    assert.equal(diagnoseMemory(2 ** 29).status, 'limited');
    assert.equal(diagnoseMemory(2 ** 31).status, 'ok');
  });

  it('should exit 0 when nothing is missing, 2 when containers are, 255 when nothing can run', () => {
    assert.equal(exitCodeOf([OK, LIMITED]), 0);
    assert.equal(exitCodeOf([OK, LIMITED, MISSING]), 2);
    assert.equal(exitCodeOf([MISSING, diagnoseNode('20.0.0')]), 255);
  });

  it('should show what a finding costs and what to do', () => {
    assert.deepEqual(render([OK, LIMITED]).split('\n'), [
      'ok       Docker engine  20.10',
      'limited  Link delay     no netem',
      '                        cost: a cost',
      '                        do:   a remedy',
    ]);
  });

  it('should say what is missing, what it costs and what to do when no engine answers', async () => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
    try {
      const findings = await diagnose();
      const engine = findings.find(({ name }) => name === 'Docker engine');
      assert.equal(engine?.status, 'missing');
      assert.match(engine.detail, /ENOENT/);
      assert.match(engine.cost ?? '', /--runtime process/);
      assert.match(engine.remedy ?? '', /DOCKER_HOST names an engine/);
      assert.equal(findings[0]?.status, 'ok', 'the Node that runs this');
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});
