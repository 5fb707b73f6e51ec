/**
 * Where policies of ours differ on Envoy on purpose (docs/policy.md): what docs/strictness.md says that Envoy does is what it does. Row 18: a
 * header that came several times is allowed by Envoy where one of its values is, and by our engine where all are. A DENY holds on both
 * where one is.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { observe, readAttacks, startChain } from '@weft/testkit/attacks';
import { temporaryFolder } from '@weft/testkit/folder';
import { tool } from '@weft/testkit/tools';

const FOLDER = path.join(import.meta.dirname, 'attacks');
const listed = JSON.parse(readFileSync(path.join(FOLDER, 'envoy.json'), 'utf8')) as {
  readonly differences: Readonly<Record<string, string>>;
};
const ROW = 18;

test('18: a header of several values on Envoy', {
  skip: tool('envoy') === undefined ? 'there is no Envoy' : false,
}, async () => {
  using folder = temporaryFolder();
  const probes = readAttacks(path.join(FOLDER, 'policy.yaml')).flatMap((attack) =>
    attack.row === ROW ? attack.probes : [],
  );
  const chain = await startChain('envoy', 1, folder.path);
  const found: Record<string, string> = {};
  try {
    for (const probe of probes) {
      const { equal, text } = await observe(probe, chain);
      if (!equal) found[`${ROW}: ${probe.name}`] = text;
    }
  } finally {
    await chain.stop();
  }
  assert.deepEqual(found, {
    [`${ROW}: the allowed value first`]: 'forwarded, 200',
    [`${ROW}: the allowed value last`]: 'forwarded, 200',
  });
  for (const [name, text] of Object.entries(found)) assert.equal(listed.differences[name], text);
});
