/** A TCP connection is seen while it is open: by both sides of every pair of engines, before it ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Edge, TrafficCounts } from '@weft/core/traffic';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = ['weft', 'envoy'] as const;

describe('connections that stay open', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const upstreams = new Map<string, number>();
  const callers: net.Socket[] = [];
  const server = net.createServer((socket) => void socket.on('error', () => undefined).pipe(socket));

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    await mesh.up();
    for (const engine of ENGINES) mesh.run('--name', `called-${engine}`, '--port', `${port}/tcp`, '--engine', engine);
    await mesh.synced(2);
    for (const engine of ENGINES) {
      const flags: string[] = [];
      for (const called of ENGINES) {
        const local = await freePort();
        upstreams.set(`${engine} ${called}`, local);
        flags.push('--upstream', `called-${called}=${local}`);
      }
      mesh.run('--name', `caller-${engine}`, '--engine', engine, ...flags);
    }
    await mesh.synced(4);
  });

  after(async () => {
    for (const caller of callers) caller.destroy();
    server.close();
    await mesh[Symbol.asyncDispose]();
  });

  /** A connection through both proxies that carried a few octets. */
  const open = async (local: number): Promise<void> => {
    await until(
      async () => {
        const caller = net.connect(local, '127.0.0.1').on('error', () => undefined);
        const ended = once(caller, 'close');
        caller.write('hello');
        const answered = await Promise.race([once(caller, 'data').then(() => true), ended.then(() => false)]);
        if (answered) callers.push(caller);
        return answered;
      },
      { what: `an answer at ${local}` },
    );
  };

  test('each is an edge while it is open; weft learn takes them', async () => {
    for (const local of upstreams.values()) await open(local);
    const rows = async (): Promise<readonly { readonly edge: Edge; readonly counts: TrafficCounts }[]> => {
      const place = { socketPath: `${mesh.data}/control.sock` };
      const { body } = await exchange(place, { path: '/weft/v1/traffic?window=5m&reporter=all' });
      return (JSON.parse(body.toString()) as { rows: [] }).rows;
    };
    for (const caller of ENGINES)
      for (const called of ENGINES)
        for (const reporter of called === 'weft' ? (['source', 'destination'] as const) : (['source'] as const))
          await until(
            async () =>
              (await rows()).some(
                ({ edge, counts }) =>
                  edge.reporter === reporter &&
                  edge.protocol === 'tcp' &&
                  edge.source.workload === `caller-${caller}` &&
                  edge.destination.workload === `called-${called}` &&
                  counts.opened > counts.closed,
              ),
            { what: `${caller} to ${called} by the ${reporter}` },
          );
    for (const caller of callers) caller.destroy();
    let learned = '';
    const policyOf = (called: string): string =>
      learned.split('---').find((one) => one.includes(`name: called-${called}`)) ?? '';
    await until(
      async () => {
        learned = (await mesh.weft('learn', '-n', 'default', '--anyway')).stdout;
        return ENGINES.every((called) => ENGINES.every((caller) => policyOf(called).includes(`caller-${caller}`)));
      },
      { what: 'an AccessPolicy of each service with both callers' },
    ).catch((error: unknown) => assert.fail(`${String(error)}: ${learned}`));
  });
});
