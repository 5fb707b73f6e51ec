import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import type { Fields } from '../../log.ts';
import { LOOK, MissingUpstreams } from './missing-upstreams.ts';

const UPSTREAMS = [
  { name: 'default/orders', port: 7001 },
  { name: 'default/stock', port: 7002 },
];

function setUp() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write =
    (level: string) =>
    (_: string, fields: Fields = {}): void =>
      void lines.push(`${level} ${fields['upstream']} ${fields['port']}`);
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  let ports: ReadonlySet<number> | undefined;
  const missing = new MissingUpstreams(UPSTREAMS, () => Promise.resolve(ports), log, clock);
  const look = async (listening: ReadonlySet<number> | undefined): Promise<string[]> => {
    ports = listening;
    clock.advance(LOOK);
    await new Promise((resolve) => setImmediate(resolve));
    return lines.splice(0);
  };
  return { clock, missing, look };
}

test('what nothing listens for is told once, and once more when it is there; then nobody looks any more', async () => {
  const { clock, look } = setUp();
  assert.deepEqual(await look(undefined), [], 'the proxy did not say');
  assert.deepEqual(await look(new Set([7002])), ['warn default/orders 7001']);
  assert.deepEqual(await look(new Set([7002])), []);
  assert.deepEqual(await look(new Set([7001, 7002])), ['info default/orders 7001']);
  assert.equal(clock.waiting, 0);
});

test('nothing is told where all listen, nor after the end', async () => {
  const all = setUp();
  assert.deepEqual(await all.look(new Set([7001, 7002])), []);
  assert.equal(all.clock.waiting, 0);
  const ended = setUp();
  ended.missing.stop();
  assert.deepEqual(await ended.look(new Set()), []);
  assert.equal(ended.clock.waiting, 0);
});
