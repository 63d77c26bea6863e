/** The chart of distributions: what is drawn, and that everything drawn is said in words as well. */
import assert from 'node:assert/strict';
import { distributionChart, percent, type Bar } from '../../../../reports/html/distribution.ts';

const bar = (at: number, share: number): Bar => ({ at, share, words: `${at} in ${share}` });
const chart = (bars: readonly Bar[], beside?: { share: number; words: string }): string =>
  distributionChart(
    [{ series: 'series-1', label: 'One & only', note: 'a note', bars, ...(beside && { beside }) }],
    'What it shows',
    'how much',
  ).html;
const barsIn = (html: string): string[] =>
  [...html.matchAll(/class="bar"[^>]*aria-label="([^"]*)"/g)].map(([, words = '']) => words);

describe('chart of distributions', () => {
  it('should draw a bar for each share, which keys can reach and which says itself in words', () => {
    const html = chart([bar(2, 0.75), bar(4, 0.25)]);
    assert.deepEqual(barsIn(html), ['2 in 0.75', '4 in 0.25']);
    assert.equal(html.match(/class="bar" tabindex="0" role="img"/g)?.length, 2);
    assert.match(html, /One &amp; only/);
    assert.match(html, /aria-label="What it shows"/);
  });

  it('should count what is far beyond with the last place of the axis', () => {
    const html = chart([bar(2, 0.5), bar(13, 0.25), bar(90, 0.25)]);
    assert.deepEqual(barsIn(html), ['2 in 0.5', '13 in 0.25; 90 in 0.25']);
    assert.match(html, />13\+<\/text>/);
    assert.doesNotMatch(chart([bar(2, 0.5), bar(13, 0.5)]), /\+<\/text>/);
  });

  it('should draw what is beside it, if anything is', () => {
    assert.match(
      chart([bar(1, 1)], { share: 0.5, words: 'half of them' }),
      /class="beside"[^>]*aria-label="half of them"/,
    );
    assert.doesNotMatch(chart([bar(1, 1)]), /class="beside"/);
  });

  it('should draw nothing of nothing', () => {
    assert.deepEqual(barsIn(chart([])), []);
  });

  it('should not call little nothing', () => {
    assert.deepEqual([0, 0.0004, 0.004, 0.0994, 0.1, 1].map(percent), [
      '0%',
      '<0.1%',
      '0.4%',
      '9.9%',
      '10%',
      '100%',
    ]);
  });
});
