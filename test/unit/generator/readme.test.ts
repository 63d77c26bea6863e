/** The examples in the README give what it says they give. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import type { Generator } from '../../../harness/generator/generator.ts';
import * as api from '../../../harness/generator/index.ts';
import { canonical } from '../../../harness/json.ts';
import { MS, perfect } from './helpers.ts';

const SHOWN = 8;
const text = readFileSync(new URL('../../../harness/generator/README.md', import.meta.url), 'utf8');

interface Example {
  readonly code: string;
  readonly expected: string;
}

function examples(): Example[] {
  return [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, block = '']) => {
    const lines = block.trim().split('\n');
    const comments = lines.filter((line) => line.startsWith('//'));
    return {
      code: lines.filter((line) => !line.startsWith('//')).join('\n'),
      expected: comments.map((line) => line.slice(2).trim()).join(' '),
    };
  });
}

/** Each invocation as `<ms> <process> <f> <value> on <key>`. */
function given(code: string): string {
  const generator = runInNewContext(code, { ...api }) as Generator;
  const shownOn = /nemesis/i.test(code) ? generator : api.clients(generator);
  const operations = perfect(shownOn, { operationsMax: SHOWN + 1 });
  const shown = operations.slice(0, SHOWN).map(({ time, process, f, value, key }) => {
    const content = value === null ? f : `${f} ${canonical(value)}`;
    const where = key === undefined ? '' : ` on ${canonical(key)}`;
    return `${Math.round(time / MS)} ms ${process}: ${content}${where}`;
  });
  return [...shown, ...(operations.length > SHOWN ? ['…'] : [])].join(', ');
}

describe('README of generators', () => {
  for (const { code, expected } of examples()) {
    it(`should be right about ${code.replaceAll(/\s+/g, ' ')}`, () => assert.equal(expected, given(code)));
  }

  it('should show every combinator', () => {
    for (const name of Object.keys(api)) assert.ok(text.includes(`\`${name}`), `${name} is not mentioned`);
  });
});
