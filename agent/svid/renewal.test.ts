import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { readChildren, readWhole } from '@weft/wire/der';
import { FakeClock } from '@weft/testkit/clock';
import { makeKeyAndCsr } from './csr.ts';
import { type Lifetime, Renewal } from './renewal.ts';

const HOUR = 3_600_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(roll = 0.5) {
  const clock = new FakeClock();
  const issued: Lifetime[] = [];
  const failures: unknown[] = [];
  let asked = 0;
  let broken = false;
  const renewal = new Renewal<Lifetime>({
    clock,
    wall: clock.wall,
    roll: () => roll,
    issue: () => {
      asked += 1;
      const now = clock.wall.now();
      return broken
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ notBefore: now, notAfter: now + 24 * HOUR });
    },
    onIssued: (lifetime) => issued.push(lifetime),
    onFailure: (error) => failures.push(error),
  });
  /** Moves on in steps, letting promises settle in between. */
  const advance = async (ms: number, step = 60_000): Promise<void> => {
    for (let rest = ms; rest > 0; rest -= step) {
      clock.advance(Math.min(step, rest));
      await turn();
    }
  };
  return {
    clock,
    issued,
    failures,
    renewal,
    advance,
    asked: () => asked,
    breakIt: (value: boolean) => {
      broken = value;
    },
  };
}

test('the next certificate is there at half of the life, spread by a tenth', async () => {
  for (const [roll, hours] of [
    [0.5, 12],
    [0, 9.6],
    [1, 14.4],
  ] as const) {
    const t = setUp(roll);
    t.renewal.start();
    await turn();
    assert.equal(t.issued.length, 1);
    await t.advance(hours * HOUR - 60_000);
    assert.equal(t.issued.length, 1, `roll ${roll}`);
    await t.advance(120_000);
    assert.equal(t.issued.length, 2, `roll ${roll}`);
    t.renewal.stop();
    assert.equal(t.clock.waiting, 0);
  }
});

test('while the control plane is away it is asked again, at most once a minute, long after the expiry too', async () => {
  const t = setUp();
  t.renewal.start();
  await turn();
  t.breakIt(true);
  await t.advance(48 * HOUR);
  const asked = t.asked();
  assert.ok(asked > 36 * 60 && asked < 40 * 120, `${asked} attempts`);
  t.breakIt(false);
  await t.advance(60_000);
  assert.equal(t.issued.length, 2);
  t.renewal.stop();
});

test('hurry: at once when an attempt failed or is due, not otherwise', async () => {
  const t = setUp();
  t.renewal.start();
  await turn();
  t.renewal.hurry();
  await turn();
  assert.equal(t.asked(), 1);
  t.breakIt(true);
  await t.advance(13 * HOUR);
  t.breakIt(false);
  t.renewal.hurry();
  await turn();
  assert.equal(t.issued.length, 2);
  t.renewal.stop();
});

test('a CSR asks for nothing and is signed by its key', () => {
  const { csr, key } = makeKeyAndCsr();
  const parts = readChildren(
    readWhole(Buffer.from(csr, 'base64')) ?? { tag: 0, content: Buffer.alloc(0), bytes: Buffer.alloc(0) },
  );
  const [info, , signature] = parts ?? [];
  assert.ok(info && signature);
  assert.equal(verify('sha256', info.bytes, createPublicKey(key), signature.content.subarray(1)), true);
  const [version, subject, , attributes] = readChildren(info) ?? [];
  assert.deepEqual([version?.content.length, subject?.content.length, attributes?.content.length], [1, 0, 0]);
});

test('a short life whose beginning was set back is renewed at half of what is left, not at once', async () => {
  const clock = new FakeClock();
  let issued = 0;
  const renewal = new Renewal<{ notBefore: number; notAfter: number }>({
    clock,
    wall: clock.wall,
    roll: () => 0.5,
    issue: () => {
      issued += 1;
      return Promise.resolve({ notBefore: clock.wall.now() - 60_000, notAfter: clock.wall.now() + 30_000 });
    },
    onIssued: () => {},
    onFailure: () => {},
  });
  renewal.start();
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  clock.advance(14_000);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  assert.equal(issued, 1);
  clock.advance(2000);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  assert.equal(issued, 2);
  renewal.stop();
});
