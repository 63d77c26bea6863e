/** junit.xml: well-formed whatever is in it, and never kinder than the verdict. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Validity } from '../../../harness/history/checker.ts';
import type { RunRecord } from '../../../harness/run/reporter.ts';
import { junit } from '../../../reports/junit.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';
import { parseXml, type XmlElement } from '../../fixtures/xml.ts';

async function suiteOf(record: RunRecord): Promise<XmlElement> {
  const [suite] = parseXml(await junit.render(record)).children;
  assert(suite);
  return suite;
}

function caseNamed(suite: XmlElement, name: string): XmlElement {
  const found = suite.children.find((child) => child.attributes['name'] === name);
  assert(found, `no test case ${name}`);
  return found;
}

function withResults(record: RunRecord, results: Partial<RunRecord['results']>): RunRecord {
  return { ...record, results: { ...record.results, ...results } };
}

describe('junit.xml', () => {
  it('should have a case for the verdict, each claim, each check, the faults and the harness', async () => {
    const record = sampleRecord({ valid: true, operations: 100 });
    const suite = await suiteOf(record);
    const cases = suite.children.filter((child) => child.name === 'testcase');
    assert.equal(cases.length, 3 + record.results.claims.length + record.results.checks.length);
    assert.equal(suite.attributes['tests'], String(cases.length));
    assert.equal(suite.attributes['failures'], '0');
    assert.equal(suite.attributes['errors'], '0');
  });

  it('should write a failed run as failures that carry the explanation', async () => {
    const record = sampleRecord({ valid: false, operations: 2000 });
    const suite = await suiteOf(record);
    const [failure] = caseNamed(suite, 'check: linearizable').children;
    assert.equal(failure?.name, 'failure');
    assert.match(failure.text, /Stale read of key/);
    assert.match(failure.text, /No order of the operations explains that/);
    assert.equal(suite.attributes['failures'], '3');
  });

  it('should write unknown as an error, never as a pass', async () => {
    const suite = await suiteOf(sampleRecord({ valid: 'unknown', operations: 100 }));
    for (const name of ['verdict', 'claim: linearizable', 'check: linearizable']) {
      assert.equal(caseNamed(suite, name).children[0]?.name, 'error', name);
    }
    assert.equal(suite.attributes['errors'], '3');
  });

  it('should skip what does not decide, so that it agrees with the exit code', async () => {
    const suite = await suiteOf(sampleRecord({ valid: true, operations: 100 }));
    assert.equal(caseNamed(suite, 'claim: always available').children[0]?.name, 'skipped');
    assert.equal(caseNamed(suite, 'check: availability').children[0]?.name, 'skipped');
    assert.equal(suite.attributes['skipped'], '2');
  });

  it('should fail on the verdict alone, when no check says why', async () => {
    const verdicts: [Validity, string | undefined][] = [
      [true, undefined],
      [false, 'failure'],
      ['unknown', 'error'],
    ];
    for (const [valid, kind] of verdicts) {
      const record = withResults(sampleRecord({ valid: true, operations: 100 }), { valid });
      assert.equal(caseNamed(await suiteOf(record), 'verdict').children[0]?.name, kind);
    }
  });

  it('should report a fault that no probe saw as an error', async () => {
    const record = sampleRecord({ valid: true, operations: 100 });
    assert.equal(caseNamed(await suiteOf(record), 'faults confirmed').children.length, 0);
    const faults = record.results.faults.map((fault, place) =>
      place === 0 ? { ...fault, confirmed: false } : fault,
    );
    const [error] = caseNamed(await suiteOf(withResults(record, { faults })), 'faults confirmed').children;
    assert.equal(error?.name, 'error');
    assert.match(error.attributes['message'] ?? '', /^1 fault of 6 not confirmed/);
  });

  it('should give seed and command as properties', async () => {
    const record = sampleRecord({ valid: true, operations: 100, seed: 7 });
    const properties = (await suiteOf(record)).children[0]?.children.map(({ attributes }) => [
      attributes['name'],
      attributes['value'],
    ]);
    const found = Object.fromEntries(properties ?? []) as Record<string, string>;
    assert.equal(found['seed'], '7');
    assert.equal(found['command'], record.plan.command);
  });

  it('should say as properties that a run was stopped early and what did not follow it', async () => {
    const record = sampleRecord({ valid: false, operations: 10 });
    const namesIn = async (results: Partial<RunRecord['results']>): Promise<string[]> =>
      ((await suiteOf(withResults(record, results))).children[0]?.children ?? [])
        .filter(({ attributes }) => ['stopped', 'notes'].includes(attributes['name'] ?? ''))
        .map(({ attributes }) => `${attributes['name']}: ${attributes['value']}`);
    const stopped = { checker: 'linearizable', operation: 412, time: 3.2e9, why: 'key 7 is wrong' };
    assert.deepEqual(await namesIn({ stopped, notes: ['One did not.'] }), [
      'stopped: at 3.2 s: key 7 is wrong',
      'notes: One did not.',
    ]);
    assert.deepEqual(await namesIn({}), []);
  });

  it('should be well-formed whatever text a checker gives', async () => {
    const record = sampleRecord({ valid: false, operations: 100 });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        async (title, explanation) => {
          const hostile = { title: `${title}\u0000\u001b]]>\ud800`, explanation };
          const suite = await suiteOf(
            withResults(record, { harnessProblems: [hostile], summary: explanation }),
          );
          assert.equal(caseNamed(suite, 'harness').children[0]?.name, 'error');
        },
      ),
      { numRuns: 50 },
    );
  });

  it('should have a reader in its tests that refuses malformed XML', () => {
    assert.equal(parseXml('<a b="&lt;">x</a>').attributes['b'], '<');
    for (const bad of [
      '<a>',
      '<a></b>',
      '<a b="<"/>',
      '<a>&x;</a>',
      '<a>& </a>',
      '<a/><b/>',
      '<a>\u0000</a>',
      '<a b="1" b="2"/>',
    ]) {
      assert.throws(() => parseXml(bad), bad);
    }
  });
});
