import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { freePorts } from './ports.ts';

test('runs that start one after the other take other ports each, though none of them listens yet', async () => {
  const taken: number[][] = [];
  for (let run = 0; run < 20; run += 1) taken.push(await freePorts(40, '127.0.0.1'));
  assert.ok(taken.every((ports) => ports.length === 40));
  assert.equal(new Set(taken.flat()).size, 800);
  assert.ok(taken.flat().every((port) => port > 20_000 && port < 32_768));
});

test('a port that somebody listens on is not given', async () => {
  const [first = 0] = await freePorts(1, '127.0.0.1');
  const server = net.createServer().listen(first + 1, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const others = await freePorts(100, '127.0.0.1');
  assert.ok(!others.includes(first + 1));
  server.close();
});
