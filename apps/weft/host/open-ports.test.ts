import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openPorts } from './open-ports.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1\n`;

test('who listens for others: every address, one of the host; not loopback in any form, not connections', () => {
  const tables: Readonly<Record<string, string>> = {
    '/proc/net/tcp':
      HEAD +
      line('00000000:1F90', '0A') +
      line('0100007F:1F91', '0A') +
      line('0A00A8C0:1F92', '0A') +
      line('00000000:1F93', '01'),
    '/proc/net/tcp6':
      HEAD +
      line('00000000000000000000000000000000:2328', '0A') +
      line('00000000000000000000000001000000:2329', '0A') +
      line('0000000000000000FFFF00000100007F:232A', '0A') +
      line('B80D0120000000000000000001000000:232B', '0A'),
  };
  assert.deepEqual(
    [...openPorts((file) => tables[file] ?? '')],
    [
      [8080, '0.0.0.0'],
      [8082, '192.168.0.10'],
      [9000, '[::]'],
      [9003, '[2001:db8:0:0:0:0:0:1]'],
    ],
  );
});

test('on this host', { skip: process.platform !== 'linux' }, async () => {
  for (const [host, open] of [
    ['127.0.0.1', false],
    ['0.0.0.0', true],
  ] as const) {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    assert.equal(openPorts().has((server.address() as AddressInfo).port), open);
    server.close();
  }
});
