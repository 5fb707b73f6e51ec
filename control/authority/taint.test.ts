import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { Authorities } from './authorities.ts';
import { TrustChanges } from './trust-changes.ts';

const DOMAIN = 'weft.local';

function setUp(folder: string) {
  const clock = new FakeClock();
  const authorities = new Authorities({ folder, clock: clock.wall, primary: () => DOMAIN });
  authorities.start();
  let lagging: readonly string[] = [];
  let outdated: readonly string[] = [];
  let changes = 0;
  const renewals: number[] = [];
  const problems: string[] = [];
  const trust = new TrustChanges({
    authorities,
    holders: {
      lagging: () => lagging,
      outdated: () => outdated,
      renew: (_domain, within) => renewals.push(within),
    },
    clock,
    wall: clock.wall,
    changed: () => {
      changes += 1;
    },
    onEvent: () => {},
    onProblem: (_domain, problem) => problems.push(problem),
  });
  return {
    clock,
    authority: authorities.primary,
    trust,
    renewals,
    problems,
    changes: () => changes,
    lag: (...names: readonly string[]) => {
      lagging = names;
    },
    outdate: (...names: readonly string[]) => {
      outdated = names;
    },
  };
}

test('the signing root is tainted: spread, signed, replaced, gone; keys of tokens too', async () => {
  using folder = temporaryFolder();
  const t = setUp(folder.path);
  const [root, keys] = [t.authority.rootSha256, t.authority.jwks()];
  t.lag('shop/a');
  t.outdate('shop/a', 'shop/b');
  assert.equal((await t.trust.taint(DOMAIN, undefined)).ok, true);
  assert.equal(t.authority.reports().length, 2);
  assert.equal(t.authority.rootSha256, root, 'who does not know the new root would refuse it');
  assert.equal((await t.trust.taint(DOMAIN, undefined)).ok, false, 'one at a time');
  assert.equal((await t.trust.step(DOMAIN, 'promote', { anyway: true })).ok, false);
  t.lag();
  t.clock.advance(200);
  assert.notEqual(t.authority.rootSha256, root);
  assert.notEqual(t.authority.jwks(), keys);
  assert.deepEqual(t.renewals, [15_000]);
  assert.deepEqual(t.trust.report(DOMAIN).taint?.waitingFor, ['shop/a', 'shop/b']);
  t.clock.advance(5000);
  t.outdate();
  t.clock.advance(600);
  assert.equal(t.authority.trusts(root), true, 'the last certificate is issued, not shown');
  t.clock.advance(700);
  const report = t.trust.report(DOMAIN);
  assert.deepEqual([report.taint?.step, report.roots.length], ['done', 1]);
  assert.ok((report.taint?.took ?? 0) < 7000);
  assert.equal(t.authority.trusts(root), false);
  t.trust.stop();
  assert.equal(t.clock.waiting, 0);
});

test('who does not answer holds nothing up: a minute at most, and is named', async () => {
  using folder = temporaryFolder();
  const t = setUp(folder.path);
  const root = t.authority.rootSha256;
  t.lag('shop/gone');
  t.outdate('shop/gone');
  await t.trust.taint(DOMAIN, root.slice(0, 8));
  t.clock.advance(60_500);
  const { taint } = t.trust.report(DOMAIN);
  assert.deepEqual([taint?.step, taint?.waitingFor], ['done', ['shop/gone']]);
  assert.equal(t.authority.trusts(root), false);
});

test('certificates under the root before it are replaced before that root makes room for a third', async () => {
  using folder = temporaryFolder();
  const t = setUp(folder.path);
  const first = t.authority.rootSha256;
  await t.trust.step(DOMAIN, 'begin');
  await t.trust.step(DOMAIN, 'promote');
  const tainted = t.authority.rootSha256;
  t.outdate('shop/a');
  await t.trust.taint(DOMAIN, undefined);
  assert.deepEqual(t.renewals, [4000]);
  const before = t.trust.report(DOMAIN).taint;
  assert.deepEqual([before?.step, before?.waitingFor], ['clearing', ['shop/a']]);
  t.clock.advance(3000);
  assert.equal(t.authority.trusts(first), true, 'somebody shows a certificate under it');
  t.outdate();
  t.clock.advance(600);
  assert.equal(t.authority.trusts(first), true, 'the last certificate is issued, not shown');
  t.clock.advance(500);
  assert.equal(t.authority.trusts(first), false);
  assert.equal(t.authority.reports().length, 2, 'the tainted one and the next');
  t.clock.advance(1500);
  assert.deepEqual([t.trust.report(DOMAIN).taint?.step, t.authority.trusts(tainted)], ['done', false]);
  assert.deepEqual(t.renewals, [4000, 15_000]);
});

test('who does not answer then holds nothing up either: a minute at most in all', async () => {
  using folder = temporaryFolder();
  const t = setUp(folder.path);
  await t.trust.step(DOMAIN, 'begin');
  await t.trust.step(DOMAIN, 'promote');
  const tainted = t.authority.rootSha256;
  t.lag('shop/gone');
  t.outdate('shop/gone');
  await t.trust.taint(DOMAIN, undefined);
  t.clock.advance(60_500);
  const { taint } = t.trust.report(DOMAIN);
  assert.deepEqual([taint?.step, taint?.waitingFor], ['done', ['shop/gone']]);
  assert.equal(t.authority.trusts(tainted), false);
});

test('an old and a next root are tainted without a third one', async () => {
  using folder = temporaryFolder();
  const t = setUp(folder.path);
  const first = t.authority.rootSha256;
  const begun = await t.trust.step(DOMAIN, 'begin');
  assert.ok(begun.ok);
  const next = begun.value.roots.find(({ state }) => state === 'next')?.sha256 ?? '';
  await t.trust.taint(DOMAIN, next);
  assert.deepEqual([t.authority.trusts(next), t.authority.rootSha256], [false, first]);
  await t.trust.step(DOMAIN, 'begin');
  await t.trust.step(DOMAIN, 'promote');
  const second = t.authority.rootSha256;
  t.outdate('shop/a');
  await t.trust.taint(DOMAIN, first);
  assert.deepEqual(t.renewals, [15_000]);
  t.outdate();
  t.clock.advance(1300);
  assert.deepEqual([t.authority.trusts(first), t.authority.rootSha256], [false, second]);
  assert.equal((await t.trust.taint(DOMAIN, 'ffff')).ok, false);
});

test('by the clock: the old root leaves when its last certificate is over, keys of tokens change with overlap', async () => {
  using folder = temporaryFolder();
  const t = setUp(folder.path);
  const spki = Buffer.from(
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoYzcDPPJHoCYqLbFJqKpLBVzbGVmE7Eszx0QqqRtOJCLMTf9ijpFNqsTgLNN7M0QYoQ2rM4uBJpAwAKCkFYkqQ==',
    'base64',
  );
  t.trust.start();
  t.authority.issueSvid(spki, 'spiffe://weft.local/ns/a/sa/b', 'a'.repeat(32), 48 * 3_600_000);
  await t.trust.step(DOMAIN, 'begin');
  await t.trust.step(DOMAIN, 'promote');
  const advance = (hours: number): void => {
    for (let left = hours * 60; left > 0; left -= 1) t.clock.advance(60_000);
  };
  const keyIds = (): string[] =>
    (JSON.parse(t.authority.jwks()) as { readonly keys: readonly { readonly kid: string }[] }).keys.map(
      ({ kid }) => kid,
    );
  const signer = (): string => {
    const { token } = t.authority.issueToken('spiffe://weft.local/x', ['a']);
    return (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  };
  const [first = ''] = keyIds();
  advance(47);
  assert.equal(t.authority.reports().length, 2, 'a mesh may have longer lives than the authority’s own');
  advance(2);
  assert.equal(t.authority.reports().length, 1);
  const changes = t.changes();
  advance(24 * 4 + 1);
  assert.deepEqual([keyIds().length, keyIds()[0], signer()], [2, first, first], 'published before it signs');
  assert.ok(t.changes() > changes, 'and told');
  advance(24);
  assert.notEqual(signer(), first);
  assert.ok(keyIds().includes(first), 'its tokens may be around');
  advance(26);
  assert.ok(!keyIds().includes(first));
  assert.deepEqual(t.problems, []);
  t.trust.stop();
});
