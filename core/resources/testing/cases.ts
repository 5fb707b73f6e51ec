/** Cases of a kind as data: a spec in YAML, and what must be said about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiVersionOf } from '../kind.ts';
import type { AnyKind } from '../kinds.ts';
import { readObjects } from '../text/read.ts';

/** `expected` are findings as `code path`, with `warning ` before it where it is one; none: the spec is valid. */
export interface SpecCase {
  readonly what: string;
  readonly spec: string;
  readonly expected: readonly string[];
}

export function testSpecs(kind: AnyKind, cases: readonly SpecCase[]): void {
  for (const { what, spec, expected } of cases) {
    test(`${kind.kind}: ${what}`, () => {
      const body = spec
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n');
      const namespace = kind.scope === 'Cluster' ? '' : ', namespace: shop';
      const text = `apiVersion: ${apiVersionOf(kind.group, kind.versions[0])}\nkind: ${kind.kind}\nmetadata: {name: a${namespace}}\nspec:\n${body}\n`;
      const { objects, diagnostics } = readObjects(text, 'case');
      const said = diagnostics.map(
        ({ severity, code, place }) =>
          `${severity === 'error' ? '' : `${severity} `}${code} ${(place.path ?? '').replace(/^spec\.?/, '')}`,
      );
      assert.deepEqual(said.toSorted(), [...expected].toSorted());
      assert.equal(
        objects[0]?.object === undefined,
        said.some((line) => !line.startsWith('warning ')),
      );
    });
  }
}
