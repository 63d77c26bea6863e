/**
 * A page for the pictures of benchmarks: one file without a script, in the style of a run's report, light or dark as the system is.
 */
import { markup, trusted, type Markup } from '../../reports/html/markup.ts';
import { STYLE } from '../../reports/html/style.ts';

/** The page's text. */
export function picturePage(pictures: readonly Markup[]): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>splitbrain benchmarks</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header><div class="top"><span><span class="brand">splitbrain</span> · benchmarks</span></div></header>
<main>${pictures.length === 0 ? markup`<section><p>None of these benchmarks has a picture.</p></section>` : pictures}</main>
</body>
</html>
`.html;
}
