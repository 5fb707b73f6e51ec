import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import type { OpenPort } from '@weft/core/agent-api';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { type Listener, listenersIn, OpenPorts, openListeners, type Owner, socketOwners } from './index.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, state: string, inode = 1): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
const V4 = HEAD + line('00000000:1F90', '0A', 11) + line('0100007F:1F91', '0A', 12) + line('0A00A8C0:1F92', '0A', 13);
const V6 =
  HEAD +
  line('00000000000000000000000000000000:2328', '0A', 21) +
  line('00000000000000000000000001000000:2329', '0A', 22) +
  line('0000000000000000FFFF00000100007F:232A', '0A', 23) +
  line('0000000000000000FFFF00000A00A8C0:232C', '0A', 25) +
  line('B80D0120000000000000000001000000:232B', '0A', 24);

test('who listens for others: every address, one of the host; not loopback in any form, not connections, not nonsense', () => {
  const nonsense = line('0000:1F90', '0A') + line('00000000', '0A') + line('ZZZZZZZZ:1F90', '0A') + 'x\n\n';
  assert.deepEqual(listenersIn(V4 + line('00000000:1F93', '01') + nonsense), [
    { ip: '0.0.0.0', port: 8080, inode: 11 },
    { ip: '192.168.0.10', port: 8082, inode: 13 },
  ]);
  assert.deepEqual(listenersIn(V6), [
    { ip: '::', port: 9000, inode: 21 },
    { ip: '192.168.0.10', port: 9004, inode: 25 },
    { ip: '2001:db8::1', port: 9003, inode: 24 },
  ]);
});

test('reading ends where connections begin; a table that is not there holds nobody', async () => {
  using folder = temporaryFolder();
  const connections = line('00000000:1F94', '01').repeat(2000);
  writeFileSync(path.join(folder.path, 'tcp'), V4 + connections + line('00000000:1F95', '0A', 99));
  assert.deepEqual(
    (await openListeners(folder.path)).map(({ inode }) => inode),
    [11, 13],
  );
});

test('on this host: the address that a socket listens on, and the program that holds it', {
  skip: process.platform !== 'linux',
}, async () => {
  for (const [host, open] of [
    ['127.0.0.1', false],
    ['0.0.0.0', true],
  ] as const) {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    const found = (await openListeners()).find((one) => one.port === port);
    assert.equal(found?.ip, open ? '0.0.0.0' : undefined);
    if (found !== undefined)
      assert.deepEqual((await socketOwners(new Set([found.inode]))).get(found.inode), {
        pid: process.pid,
        name: path.basename(process.execPath),
      });
    server.close();
  }
});

test('the program of a socket: by the descriptors of processes, later ones than the agent first; who may not be seen is left out', async () => {
  using folder = temporaryFolder();
  const put = (pid: number, exe: string, inode: number): void => {
    mkdirSync(path.join(folder.path, String(pid), 'fd'), { recursive: true });
    symlinkSync(exe, path.join(folder.path, String(pid), 'exe'));
    symlinkSync('/dev/null', path.join(folder.path, String(pid), 'fd/0'));
    symlinkSync(`socket:[${inode}]`, path.join(folder.path, String(pid), 'fd/3'));
  };
  put(40, '/usr/sbin/other', 7);
  put(120, '/opt/\u001b[31mred (deleted)', 8);
  put(110, '/usr/bin/app', 7);
  mkdirSync(path.join(folder.path, '130'));
  mkdirSync(path.join(folder.path, 'net'));
  assert.deepEqual(
    await socketOwners(new Set([7, 8, 9]), 100, folder.path),
    new Map([
      [7, { pid: 110, name: 'app' }],
      [8, { pid: 120, name: '?[31mred' }],
    ]),
  );
});

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

function setUp(ports: readonly number[]) {
  const clock = new FakeClock();
  const told: (readonly OpenPort[])[] = [];
  const searched: number[][] = [];
  const state = { listeners: [] as Listener[], owners: new Map<number, Owner>(), looks: 0 };
  const watch = new OpenPorts({
    clock,
    ports: new Set(ports),
    self: 100,
    onChange: (open) => told.push(open),
    listeners: () => {
      state.looks += 1;
      return Promise.resolve(state.listeners);
    },
    owners: (inodes) => {
      searched.push([...inodes]);
      return Promise.resolve(state.owners);
    },
  });
  const after = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turns();
  };
  return { clock, told, searched, state, watch, after };
}

test('open ports of the workload are told once, by address, with their program; taken back when they close', async () => {
  const t = setUp([8080]);
  t.state.owners = new Map([[1, { pid: 7, name: 'app' }]]);
  t.state.listeners = [
    { ip: '::', port: 8080, inode: 2 },
    { ip: '0.0.0.0', port: 8080, inode: 1 },
    { ip: '0.0.0.0', port: 8080, inode: 3 },
    { ip: '0.0.0.0', port: 22, inode: 4 },
  ];
  t.watch.start();
  await t.after(0);
  const open = [
    { port: 8080, ip: '0.0.0.0', process: 'app' },
    { port: 8080, ip: '::', process: '' },
  ];
  assert.deepEqual(t.told, [open]);
  await t.after(5000);
  assert.deepEqual([t.told.length, t.searched, t.state.looks], [1, [[2, 1, 3]], 2], 'searched once a socket');
  t.state.listeners = [];
  await t.after(4999);
  assert.equal(t.told.length, 1);
  await t.after(1);
  assert.deepEqual(t.told.at(-1), []);
  t.watch.stop();
  assert.equal(t.clock.waiting, 0);
});

test('what the proxy listens on itself is not beside it', async () => {
  const t = setUp([8080]);
  t.state.owners = new Map([[1, { pid: 100, name: 'node' }]]);
  t.state.listeners = [{ ip: '10.0.0.1', port: 8080, inode: 1 }];
  t.watch.start();
  await t.after(0);
  assert.deepEqual([t.state.looks, t.told], [1, []]);
});

test('a look that is asked for comes soon, never twice within a second; without ports there is none', async () => {
  const t = setUp([8080]);
  t.watch.start();
  await t.after(0);
  for (let asked = 0; asked < 50; asked += 1) t.watch.soon();
  await t.after(999);
  assert.equal(t.state.looks, 1);
  await t.after(1);
  assert.equal(t.state.looks, 2);
  const none = setUp([]);
  none.watch.start();
  none.watch.soon();
  assert.equal(none.clock.waiting, 0);
});

test('of a host full of listeners no more is told than a message may hold', async () => {
  const t = setUp([8080]);
  t.state.listeners = Array.from({ length: 300 }, (_, at) => ({
    ip: `10.0.${at >> 8}.${at & 255}`,
    port: 8080,
    inode: at,
  }));
  t.watch.start();
  await t.after(0);
  assert.equal(t.told[0]?.length, 64);
});
