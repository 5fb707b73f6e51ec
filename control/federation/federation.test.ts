import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { err, ok, type Result } from '@weft/core/kernel';
import type { Mesh, StoredObject } from '@weft/core/resources';
import { readObjects } from '@weft/core/resources/text';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { Authorities } from '../authority/authorities.ts';
import { formatSpiffeBundle } from '../authority/spiffe-bundle.ts';
import { BundleFiles, Federation } from './index.ts';
import type { BundleServer } from './fetch.ts';

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());
const domains = new Authorities({
  folder: folder.path,
  clock: { now: () => Date.now() },
  primary: () => 'partner.test',
});
domains.start();

const document = (sequence: number, refreshHint = 60): string =>
  formatSpiffeBundle(domains.domain('partner.test'), { sequence, refreshHint });

const mesh = (federation: readonly object[]): StoredObject => {
  const text = JSON.stringify({
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Mesh',
    metadata: { name: 'shop' },
    spec: { trustDomain: 'shop.test', federation },
  });
  const read = readObjects(text, 'test');
  assert.deepEqual(read.diagnostics, []);
  const [first] = read.objects;
  assert.ok(first?.object);
  return first.object;
};
const WEB = { trustDomain: 'partner.test', endpoint: { url: 'https://partner.test/bundle' } };

/** Answers fetches when the test says so. */
class Endpoint {
  readonly asked: BundleServer[] = [];
  #answer: ((result: Result<string, string>) => void) | undefined;
  readonly fetch = (server: BundleServer): Promise<Result<string, string>> => {
    this.asked.push(server);
    return new Promise((resolve) => (this.#answer = resolve));
  };
  async answer(result: Result<string, string>): Promise<void> {
    this.#answer?.(result);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

const rig = (at = folder.path) => {
  const clock = new FakeClock();
  const endpoint = new Endpoint();
  let changes = 0;
  const federation = new Federation({
    fetch: endpoint.fetch,
    clock,
    wall: { now: () => 1_700_000_000_000 },
    files: new BundleFiles(at),
    onChange: () => void (changes += 1),
  });
  return { clock, endpoint, federation, changes: () => changes };
};

const named = (object: StoredObject): string[] => (object as Mesh).spec.federation.map((one) => one.trustDomain);
const sequence = (federation: Federation): number | undefined => federation.states()[0]?.bundle?.sequence;

describe('bundles of foreign trust domains', () => {
  test('fetched at once, then as the hint says; kept when that fails, and tried sooner', async () => {
    using own = temporaryFolder();
    const { clock, endpoint, federation, changes } = rig(own.path);
    const one = mesh([WEB]);
    federation.follow([one]);
    assert.deepEqual(named(federation.filled(one)), [], 'nobody is believed without a bundle');
    await endpoint.answer(ok(document(1)));
    assert.equal(changes(), 1);
    assert.equal(federation.filled(one), one);
    assert.deepEqual(
      federation.federated('shop').map(({ trustDomain, roots }) => [trustDomain, roots.includes('BEGIN CERTIFICATE')]),
      [['partner.test', true]],
    );
    assert.deepEqual(federation.federated('other'), []);
    clock.advance(59_999);
    assert.equal(endpoint.asked.length, 1);
    clock.advance(1);
    assert.equal(endpoint.asked.length, 2);
    await endpoint.answer(err('the endpoint answered 503'));
    assert.equal(federation.filled(one), one);
    assert.deepEqual(
      federation.findings([one]).map(({ severity, code, message, place }) => [severity, code, message, place.path]),
      [
        [
          'warning',
          'bundle-not-fetched',
          'the endpoint answered 503: the last bundle of partner.test counts on',
          'spec.federation[0].endpoint.url',
        ],
      ],
    );
    clock.advance(1000);
    assert.equal(endpoint.asked.length, 3);
    await endpoint.answer(ok(document(1)));
    assert.equal(changes(), 1, 'the same bundle again changes nothing');
    assert.deepEqual(federation.findings([one]), []);
    federation.stop();
    assert.equal(clock.waiting, 0);
  });

  test('an older one, and one that cannot be used, takes nothing’s place', async () => {
    using own = temporaryFolder();
    const { clock, endpoint, federation } = rig(own.path);
    const one = mesh([WEB]);
    federation.follow([one]);
    await endpoint.answer(ok(document(7)));
    for (const [served, fault] of [
      [document(6), /older bundle \(sequence 6 after 7\)/],
      ['{"keys":[]}', /no root/],
      ['<html>', /no JSON/],
      [document(8).replace(/"x509-svid"/, '7'), /its use/],
    ] as const) {
      clock.advance(60_000);
      await endpoint.answer(ok(served));
      assert.equal(sequence(federation), 7);
      assert.match(federation.findings([one])[0]?.message ?? '', fault);
    }
    clock.advance(60_000);
    await endpoint.answer(ok(document(8)));
    assert.equal(sequence(federation), 8);
    federation.stop();
  });

  test('hints are followed within bounds; without one every five minutes', async () => {
    using own = temporaryFolder();
    const { clock, endpoint, federation } = rig(own.path);
    federation.follow([mesh([WEB])]);
    const unhinted = document(9).replace(/,\s*"spiffe_refresh_hint": \d+/, '');
    for (const [served, wait] of [
      [document(1, 1), 10_000],
      [document(2, 999_999), 3_600_000],
      [unhinted, 300_000],
    ] as const) {
      const before = endpoint.asked.length;
      await endpoint.answer(ok(served));
      clock.advance(wait - 1);
      assert.equal(endpoint.asked.length, before);
      clock.advance(1);
      assert.equal(endpoint.asked.length, before + 1);
    }
    federation.stop();
  });

  test('kept across a restart, for the same entry alone; a changed one begins anew', async () => {
    using own = temporaryFolder();
    const first = rig(own.path);
    first.federation.follow([mesh([WEB])]);
    await first.endpoint.answer(ok(document(3)));
    first.federation.stop();

    const second = rig(own.path);
    const one = mesh([WEB]);
    second.federation.follow([one]);
    assert.equal(sequence(second.federation), 3);
    assert.equal(second.federation.filled(one), one);
    await second.endpoint.answer(ok(document(2)));
    assert.equal(sequence(second.federation), 3, 'no older one after a restart either');
    const moved = mesh([{ ...WEB, endpoint: { url: 'https://partner.test/moved' } }]);
    second.federation.follow([moved]);
    assert.deepEqual(named(second.federation.filled(moved)), []);
    await second.endpoint.answer(ok(document(2)));
    assert.equal(sequence(second.federation), 2);
    second.federation.follow([]);
    assert.deepEqual(second.federation.states(), []);
    assert.equal(second.clock.waiting, 0);
    second.federation.stop();
  });

  test('pasted: counts until one is fetched; https_spiffe is verified with what counts', async () => {
    using own = temporaryFolder();
    const { clock, endpoint, federation } = rig(own.path);
    const pasted = document(5);
    const spiffeId = 'spiffe://partner.test/spire/server';
    const spiffe = {
      trustDomain: 'partner.test',
      bundle: pasted,
      endpoint: { url: 'https://[::1]:8443/', profile: 'HttpsSpiffe', spiffeId },
    };
    const only = mesh([{ trustDomain: 'partner.test', bundle: pasted }]);
    federation.follow([only]);
    assert.equal(federation.filled(only), only);
    assert.equal(endpoint.asked.length, 0);
    federation.follow([mesh([spiffe])]);
    assert.equal(endpoint.asked.length, 1);
    assert.equal(endpoint.asked[0]?.spiffeId, spiffeId);
    assert.match(endpoint.asked[0]?.roots ?? '', /BEGIN CERTIFICATE/);
    await endpoint.answer(ok(document(4)));
    assert.equal(sequence(federation), 4, 'a pasted one is no bundle that was served: its number does not bind');
    clock.advance(60_000);
    assert.equal(endpoint.asked.length, 2);
    const broken = mesh([{ trustDomain: 'partner.test', bundle: '{"keys":[7]}' }]);
    federation.follow([broken]);
    assert.deepEqual(
      federation.findings([broken]).map(({ severity, place }) => `${severity} ${place.path}`),
      ['error spec.federation[0].bundle'],
    );
    federation.stop();
  });
});
