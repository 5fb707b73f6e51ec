import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateEnds } from './certificate-ends.ts';

test('ends that are long over are forgotten, the others stay however many there are', () => {
  let now = 0;
  const ends = new CertificateEnds({ now: () => now });
  ends.set('lasting', 1e12);
  for (let restart = 0; restart < 100_000; restart += 1) {
    now += 10_000;
    ends.set(`restart-${restart}`, now + 30_000);
  }
  assert.equal(ends.get('lasting'), 1e12);
  assert.equal(ends.get('restart-99999'), now + 30_000);
  assert.equal(ends.get('restart-0'), undefined);
  assert.ok(ends.size < 1000, `${ends.size} ends are held`);
});

test('an end that is just over is still told', () => {
  let now = 0;
  const ends = new CertificateEnds({ now: () => now });
  ends.set('late', 30_000);
  now = 60_000;
  for (let other = 0; other < 200; other += 1) ends.set(`other-${other}`, now + 30_000);
  assert.equal(ends.get('late'), 30_000);
});

test('what a workload says that it has counts until a certificate is issued to it', () => {
  const ends = new CertificateEnds({ now: () => 0 });
  ends.held('before', 10_000);
  assert.equal(ends.get('before'), 10_000);
  ends.set('before', 30_000);
  ends.held('before', 10_000);
  assert.equal(ends.get('before'), 30_000);
});
