import assert from 'node:assert/strict';
import http from 'node:http';
import { statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Edge, NO_COUNTS, NOBODY } from '@weft/core/traffic';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { ControlPlane } from './control-plane.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

interface Reply {
  readonly code: number;
  readonly body: { status?: string; data?: { result: { value: [number, string] }[] }; error?: string };
}

function ask(
  socketPath: string,
  target: string,
  body?: string,
  type = 'application/x-www-form-urlencoded',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = body === undefined ? {} : { 'content-type': type };
    http
      .request({ socketPath, path: target, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) as Reply['body'] }));
      })
      .on('error', reject)
      .end(body);
  });
}

const edge: Edge = {
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, workload: 'web' },
  destination: { ...NOBODY, workload: 'orders' },
  service: { namespace: 'shop', name: 'orders' },
  route: '',
  security: 'mutual_tls',
};

test("a control plane's past, asked as of a Prometheus; another one asks the first as its Prometheus", async (t) => {
  using folder = temporaryFolder();
  const data = path.join(folder.path, 'a');
  const plane = new ControlPlane({ folder: data, listen: { host: '127.0.0.1', port: 0 }, log: QUIET });
  await plane.start();
  t.after(() => plane.stop());
  const socket = path.join(data, 'control.sock');
  const base = '/weft/v1/prometheus/api/v1';
  const counted = async (): Promise<number | undefined> => {
    plane.traffic.add([
      { edge, counts: { ...NO_COUNTS, requests: 1, responses: [{ code: 200, grpc: -1, flags: '', count: 1 }] } },
    ]);
    const { body } = await ask(socket, `${base}/query?query=sum(istio_requests_total)`);
    // The store writes a zero before a counter's first sample: a query between the two sees it.
    const value = Number(body.data?.result[0]?.value[1] ?? 0);
    return value > 0 ? value : undefined;
  };
  await until(counted, { timeout: 30_000, what: 'a sample above zero' });
  const form = new URLSearchParams({ query: 'count(pilot_xds)' }).toString();
  assert.equal((await ask(socket, `${base}/query`, form)).body.data?.result[0]?.value[1], '1');
  assert.equal((await ask(socket, `${base}/query`, form, 'text/plain')).code, 400);
  assert.equal((await ask(socket, `${base}/query?query=sum(`)).code, 400);
  assert.equal((await ask(socket, `${base}/admin/tsdb/delete_series`, '')).code, 404);
  assert.equal(statSync(path.join(data, 'series.db')).mode & 0o077, 0);

  const front = http.createServer((request, response) => {
    request.pipe(
      http.request(
        {
          socketPath: socket,
          path: `/weft/v1/prometheus${request.url}`,
          method: request.method,
          headers: request.headers,
        },
        (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
      ),
    );
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  t.after(() => front.close());
  const { port } = front.address() as { port: number };
  const second = path.join(folder.path, 'b');
  const other = new ControlPlane({
    folder: second,
    listen: { host: '127.0.0.1', port: 0 },
    log: QUIET,
    prometheus: `http://127.0.0.1:${port}`,
  });
  await other.start();
  t.after(() => other.stop());
  const there = path.join(second, 'control.sock');
  assert.equal((await ask(there, `${base}/query`, form)).body.data?.result[0]?.value[1], '1');
  front.closeAllConnections();
  front.close();
  const { code, body } = await ask(there, `${base}/query`, form);
  assert.equal(code, 502);
  assert.match(body.error ?? '', /did not answer/);
});
