/** Faults from a file: what it may say, what is refused and how, and that what a run leaves can be given again. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../harness/errors.ts';
import type { Json } from '../../../harness/json.ts';
import { createRandom } from '../../../harness/random.ts';
import { partsOf, readSchedule, scheduleOf, scheduleText } from '../../../harness/run/given-faults.ts';
import { faults } from '../../../nemesis/index.ts';
import { temporaryDirectory } from '../../e2e/cli.ts';
import { abilitiesNamed } from '../../fixtures/fake-cluster.ts';

const NODES = ['n1', 'n2', 'n3'];

describe('faults from a file', () => {
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const file = join(scratch.path, 'faults.json');
  const runtime = { name: 'limited', abilities: abilitiesNamed('kill', 'cut', 'pause', 'delay', 'clock') };
  const ground = { families: faults, runtime, nodes: NODES, timeLimitMs: 10_000 };

  function read(text: string): ReturnType<typeof readSchedule> {
    writeFileSync(file, text);
    return readSchedule(file, ground);
  }
  const readAll = (...given: readonly Json[]): ReturnType<typeof readSchedule> => read(JSON.stringify(given));

  it('should read times as numbers and as durations, and triggers', () => {
    const kill = { family: 'kill', kind: 'leader' };
    assert.deepEqual(
      readAll(
        { ...kill, start: '1.5s', lastsMs: 200 },
        { ...kill, start: 1, end: '2s' },
        { ...kill, trigger: { state: 'new-leader', nth: 2 } },
      ),
      [
        { ...kill, start: 1500, lastsMs: 200 },
        { ...kill, start: 1, end: 2000 },
        { ...kill, trigger: { state: 'new-leader', nth: 2 } },
      ],
    );
  });

  it('should draw from the seed what the file leaves open, and nothing else', () => {
    const given = readAll(
      { family: 'slow-link', kind: 'one', start: 0, parameters: { delayMs: 321 } },
      { family: 'kill', kind: 'one', start: 100, lastsMs: 50 },
      { family: 'clock', kind: 'jump', aim: 'n2', trigger: { operations: 5 }, lastsMs: 70 },
    );
    const drawn = (seed: string): ReturnType<typeof scheduleOf> =>
      scheduleOf(given, faults, NODES, createRandom(seed), 10_000);
    assert.deepEqual(drawn('1'), drawn('1'));
    assert.notDeepEqual(drawn('1'), drawn('2'));
    const [slow, kill, clock] = drawn('1');
    assert.equal((slow?.plan.parameters as { delayMs: number }).delayMs, 321);
    assert.deepEqual([slow?.start, slow?.end, kill?.start, kill?.end], [0, 10_000, 100, 150]);
    assert.deepEqual([clock?.trigger, clock?.start, clock?.end], [{ operations: 5 }, 0, 70]);
    assert.deepEqual((clock?.plan.parameters as { nodes: string[] }).nodes, ['n2']);
    assert.deepEqual(
      partsOf(given, faults).map(({ family, kinds }) => `${family.name}:${kinds.join('+')}`),
      ['kill:one', 'slow-link:one', 'clock:jump@n2'],
    );
  });

  it('should read what it writes', () => {
    const happened = [
      { family: 'kill', kind: 'n1', parameters: ['n1'], start: 12, end: 80 },
      { family: 'partition', kind: 'one', parameters: [{ from: 'n1', to: 'n2' }], start: 90 },
    ];
    assert.deepEqual(read(scheduleText(happened)), happened);
    assert.deepEqual(read(scheduleText([])), []);
  });

  const start = 0;
  const refused: readonly (readonly [Json, RegExp])[] = [
    [
      { family: 'earthquake', kind: 'x', start },
      /faults\.json: \[0\]\.family: there is no fault "earthquake"; there are partition/,
    ],
    [{ family: 'kill', kind: 'half', start }, /\[0\]\.kind: "half" is neither a node spec/],
    [{ family: 'kill', kind: 'one', aim: 'n1', start }, /\[0\]\.kind: kill says itself whom it strikes/],
    [{ family: 'clock', kind: 'jump', aim: 'n9', start }, /\[0\]\.kind: "n9" is neither a node spec/],
    [
      { family: 'disk', kind: 'full', start },
      /\[0\]: the limited runtime cannot do it here \(it lacks: disk-full\)/,
    ],
    [{ family: 'membership', kind: 'leave', start, x: 1 }, /\[0\]: Unrecognized key: "x"/],
    [{ family: 'kill', kind: 'one' }, /\[0\]: says neither when it begins \(start\) nor what it waits for/],
    [{ family: 'kill', kind: 'one', start: 'soon' }, /\[0\]\.start: expected milliseconds, or a duration/],
    [{ family: 'kill', kind: 'one', start: 5, end: 5 }, /\[0\]\.end: is not after start/],
    [
      { family: 'kill', kind: 'one', start, end: 5, lastsMs: 5 },
      /\[0\]\.end: cannot be given beside lastsMs/,
    ],
    [{ family: 'kill', kind: 'one', start: '10s' }, /\[0\]\.start: is not before the end of the test/],
    [
      { family: 'kill', kind: 'one', trigger: { state: 'dawn' } },
      /\[0\]\.trigger: expected \{ operations: n \}/,
    ],
    [{ family: 'kill', kind: 'one', trigger: { operations: 1 }, end: 5 }, /\[0\]\.end: nobody knows when/],
    [
      { family: 'kill', kind: 'one', trigger: { point: 'x', node: 'n9' } },
      /\[0\]\.trigger\.node: expected "leader" or one of n1, n2, n3/,
    ],
    [
      { family: 'kill', kind: 'one', start, parameters: 3 },
      /\[0\]\.parameters: expected a list, got a number; the family draws such as \["n\d"\]/,
    ],
    [
      { family: 'slow-link', kind: 'one', start, parameters: { delay: 3 } },
      /\[0\]\.parameters\.delay: there is no such parameter/,
    ],
    [
      { family: 'slow-link', kind: 'one', start, parameters: { delayMs: '3' } },
      /\[0\]\.parameters\.delayMs: expected a number, got a string/,
    ],
  ];
  for (const [given, message] of refused) {
    it(`should refuse ${JSON.stringify(given)} and say what is wrong where`, () => {
      assert.throws(
        () => readAll(given),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('should refuse what is no list, no JSON or no file', () => {
    assert.throws(() => read('{}'), /faults\.json: expected a list of faults/);
    assert.throws(() => read('[{]'), /faults\.json: is no JSON/);
    assert.throws(
      () => readSchedule(join(scratch.path, 'none.json'), ground),
      /none\.json: there is no such file/,
    );
  });

  it('should refuse members that change where the target has none', () => {
    const target = { name: 'fixed' };
    writeFileSync(file, JSON.stringify([{ family: 'membership', kind: 'leave', start }]));
    assert.throws(
      () => readSchedule(file, { ...ground, target }),
      /\[0\]: fixed does not say how its members are changed/,
    );
    assert.equal(readSchedule(file, ground).length, 1);
  });
});
