import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { needsData, toolData } from '@weft/testkit/tools';
import { Authorities } from './authorities.ts';
import { certificatesOf } from './outside-issuer.ts';
import { formatSpiffeBundle, parseSpiffeBundle } from './spiffe-bundle.ts';

test('a bundle survives SPIFFE’s form', () => {
  using folder = temporaryFolder();
  const authorities = new Authorities({
    folder: folder.path,
    clock: { now: () => Date.now() },
    primary: () => 'weft.local',
  });
  authorities.start();
  const bundle = authorities.domain('weft.local');
  const text = formatSpiffeBundle(bundle, { sequence: 7, refreshHint: 300 });
  const read = parseSpiffeBundle('weft.local', text);
  assert.ok(read.ok);
  assert.deepEqual({ ...read.value, roots: '' }, { ...bundle, roots: '', sequence: 7, refreshHint: 300 });
  const raw = (pem: string): Buffer[] => (certificatesOf(pem) ?? []).map((certificate) => certificate.raw);
  assert.deepEqual(raw(read.value.roots), raw(bundle.roots));
  for (const [change, fault] of [
    [(one: string) => one.slice(1), /no JSON/],
    [() => '{"keys":{}}', /no list/],
    [() => `{"keys":[${'{},'.repeat(256)}{}]}`, /more than 256/],
    [() => '{"keys":[7]}', /no JWK/],
    [() => '{"keys":[{"kty":"EC"}]}', /its use/],
    [() => '{"keys":[],"spiffe_sequence":-1}', /whole number/],
    [(one: string) => one.replace(/"kid": "[^"]+",/, ''), /no kid/],
    [(one: string) => one.replace(/("x5c": \[\s*")[^"]+/, '$1AAAA'), /no certificate/],
    [(one: string) => one.replace(/"x5c": \[/, '"x5c": ["AAAA",'), /single certificate/],
  ] as const) {
    const wrong = parseSpiffeBundle('weft.local', change(text));
    assert.match(wrong.ok ? 'taken' : wrong.error, fault);
  }
});

describe('bundle vectors of go-spiffe', { skip: needsData('go-spiffe') }, () => {
  test('each is judged as its name says', () => {
    const folder = path.join(toolData('go-spiffe') ?? '', 'bundle/spiffebundle/testdata');
    const names = readdirSync(folder);
    assert.ok(names.length >= 6);
    for (const name of names) {
      const read = parseSpiffeBundle('domain.test', readFileSync(path.join(folder, name), 'utf8'));
      assert.equal(read.ok, /_valid_/.test(name), `${name}: ${read.ok ? 'taken' : read.error}`);
    }
  });
});
