/** The colours of the stylesheet against what they stand on, in both schemes: WCAG 2.2 AA, 1.4.3 (texts, 4.5 to 1) and 1.4.11 (graphics, 3 to 1). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const css = readFileSync(path.join(import.meta.dirname, '../browser/styles.css'), 'utf8');
const SCHEMES = ['light', 'dark'] as const;

/** By name, light and dark. */
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(([, name, light, dark]) => [
    name ?? '',
    { light: light ?? '', dark: dark ?? '' },
  ]),
);

/** Relative luminance of `#rrggbb` in sRGB. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const tooFaint = (names: readonly string[], least: number): string[] =>
  names.flatMap((name) =>
    ['page', 'panel'].flatMap((ground) =>
      SCHEMES.flatMap((scheme) => {
        const [own, behind] = [colours.get(name), colours.get(ground)];
        assert.ok(own !== undefined && behind !== undefined, `${name} on ${ground}`);
        const ratio = contrast(own[scheme], behind[scheme]);
        return ratio < least ? [`${name} on ${ground}, ${scheme}: ${ratio.toFixed(2)}`] : [];
      }),
    ),
  );

const GROUNDS = ['page', 'panel'];
/** Only strokes and areas, never letters: rules between things carry no meaning. */
const DECORATION = ['line'];
const GRAPHICS = ['line-1', 'line-2', 'line-3', 'idle', 'change'];

test('black on white is 21 to 1, and what cannot be told apart is 1', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#777777', '#777777'), 1);
  assert.ok(Math.abs(contrast('#767676', '#ffffff') - 4.54) < 0.01);
});

test('texts have 4.5 to 1 on the page and on panels, lines and areas 3 to 1', () => {
  const texts = [...colours.keys()].filter((name) => ![...GROUNDS, ...DECORATION, ...GRAPHICS].includes(name));
  assert.ok(texts.length >= 6, texts.join());
  assert.deepEqual(tooFaint(texts, 4.5), []);
  assert.deepEqual(tooFaint(GRAPHICS, 3), []);
});

test('letters on a chosen button or link have 4.5 to 1', () => {
  const pairs = [
    ...css.matchAll(/background: var\(--([\w-]+)\);\s+color: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g),
  ];
  assert.ok(pairs.length >= 2, `${pairs.length} pairs`);
  for (const [, name = '', light = '', dark = ''] of pairs) {
    const ground = colours.get(name);
    assert.ok(ground !== undefined, name);
    assert.ok(contrast(ground.light, light) >= 4.5 && contrast(ground.dark, dark) >= 4.5, name);
  }
});
