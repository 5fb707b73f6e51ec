/**
 * What strangers write into requests, read back at every outlet of a mesh: markup, terminal escapes, line ends, marks that turn the direction of
 * text, overlong names. It stays text, it stays short, and nothing of it becomes a name of a row or of a series.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TracesDocument, TrafficDocument } from '@weft/core/documents';
import { attributeOf, type KeptSpan } from '@weft/core/traces';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

/** In every value: where it is found, a value came through. */
const MARK = 'attackmark';

/** As octets of UTF-8, since engines know no more of them. */
const VALUES: Readonly<Record<string, string>> = {
  markup: `${MARK}<script>alert(1)</script>"'><img src=x onerror=alert(1)>`,
  escapes: `${MARK}\u001b[2J\u001b]0;title\u0007\u009b31m`,
  lines: `${MARK}\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 200 OK`,
  direction: `${MARK}\u202egnp.exe\u2066\u2069\u2028`,
  exposition: `${MARK}"} 1\nistio_requests_total{a="`,
  diagrams: `${MARK}"]; click n0 "javascript:alert(1)" %% -->|x|`,
  operators: `${MARK}%REQ(authorization)%%5B%0d%0a[x]`,
  json: `${MARK}","status":200,"x":"\\u001b`,
  long: MARK.padEnd(10_000, 'x'),
};
/** Headers that are shown, logged, or lead somewhere. */
const HEADERS = [
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-request-id',
  'referer',
  'origin',
  'accept',
  'traceparent',
  'tracestate',
  'x-b3-traceid',
  'baggage',
  MARK,
];

const encoded = (text: string): string => encodeURIComponent(text).replaceAll("'", '%27');
/** With what HTTP allows in a path as it stands. */
const halfEncoded = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u0020%#\u007f]/g, (character) => encodeURIComponent(character));

/** What is sent: places of the value in the target and the head. A proxy may refuse it; that is an outcome, too. */
const requestsOf = (value: string): string[] => {
  const head = (target: string, host: string, fields: string): string =>
    `GET ${target} HTTP/1.1\r\nhost: ${host}\r\n${fields}connection: close\r\n\r\n`;
  return [
    head(`/${encoded(value)}?${encoded(value)}=${encoded(value)}`, 'orders', ''),
    head(`/${halfEncoded(value)}?${halfEncoded(value)}`, 'orders', ''),
    head('/host', halfEncoded(value), ''),
    head('/host', encoded(value), ''),
    // Control characters in a head are refused as a whole: each value with them, and without.
    head(`/${MARK}/controls`, 'orders', `user-agent: ${value}\r\n`),
    head(
      `/${MARK}/headers`,
      'orders',
      HEADERS.map((name) => `${name}: ${value.replaceAll(CONTROLS, '').slice(0, 2000)}\r\n`).join(''),
    ),
    `${MARK.toUpperCase()}|~ /${MARK}/method HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n\r\n`,
  ];
};

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
/** Of a screen: line ends alone may be there. */
// oxlint-disable-next-line no-control-regex
const DANGEROUS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Sends it and waits for the end of the connection; the status, 0 for none. */
function send(port: number, request: string): Promise<number> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.from(request)));
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined).setTimeout(20_000, () => socket.destroy());
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)));
  });
}

/** Which engine writes a line: that of the caller who listens there. */
const WHO = '%DOWNSTREAM_LOCAL_PORT%';
const LANES = 8;
const ENGINES = ['weft', ...(tool('envoy') === undefined ? [] : ['envoy'])];

describe("strangers' values at every outlet", { timeout: 300_000 }, () => {
  const mesh = new TestMesh();
  const upstreams = new Map<string, number>();
  const metrics = new Map<string, number>();
  const pushed: Buffer[] = [];
  let answered = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    response.end('ok');
  });
  const collector = http.createServer((request, response) => {
    request.on('data', (bytes: Buffer) => pushed.push(bytes)).on('end', () => response.end());
  });

  const listen = async (one: http.Server): Promise<number> => {
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return (one.address() as AddressInfo).port;
  };
  const api = async (page: string) => exchange({ socketPath: `${mesh.data}/control.sock` }, { path: page });
  const told = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await mesh.weft(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    harmless(args.join(' '), stderr);
    return stdout;
  };
  const requests = Object.values(VALUES).flatMap(requestsOf);
  /** All of it through each caller, some at once. */
  const attack = async (): Promise<void> => {
    const lane = async (port: number, first: number): Promise<void> => {
      for (let at = first; at < requests.length; at += LANES)
        if ((await send(port, requests[at] ?? '')) === 200) answered += 1;
    };
    const lanes = Array.from({ length: LANES }, (_, first) => [...upstreams.values()].map((port) => lane(port, first)));
    await Promise.all(lanes.flat());
  };

  before(async () => {
    const [backend, otlp] = [await listen(server), await listen(collector)];
    await mesh.up();
    await mesh.apply(`
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec:
  trustDomain: weft.local
  tracing: { sampling: "100" }
  metrics: { otlp: { endpoint: "http://127.0.0.1:${otlp}", protocol: Http, interval: 1s } }
  accessLogs:
    - { to: File, path: ${mesh.folder}/text.log, text: '${WHO} "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" "%REQ(USER-AGENT)%" "%REQ(X-FORWARDED-FOR)%" "%REQ(:AUTHORITY)%" "%REQ(X-REQUEST-ID)%" end' }
    - { to: File, path: ${mesh.folder}/fields.log, fields: { who: "${WHO}", path: "%REQ(:PATH)%", agent: "%REQ(USER-AGENT)%", host: "%REQ(:AUTHORITY)%", from: "%REQ(X-FORWARDED-FOR)%", id: "%REQ(X-REQUEST-ID)%" } }
`);
    const read = await freePort();
    metrics.set('orders', read);
    mesh.run('--name', 'orders', '--port', `${backend}/http`, '--metrics', String(read));
    await mesh.synced(1);
    for (const engine of ENGINES) {
      const [port, own] = [await freePort(), await freePort()];
      upstreams.set(engine, port);
      metrics.set(`caller-${engine}`, own);
      mesh.run(
        '--name',
        `caller-${engine}`,
        '--engine',
        engine,
        '--metrics',
        String(own),
        '--upstream',
        `orders=${port}`,
      );
    }
    await mesh.synced(1 + ENGINES.length);
    for (const port of upstreams.values()) await mesh.answering(port);
  });

  after(async () => {
    await mesh[Symbol.asyncDispose]();
    for (const one of [server, collector]) {
      one.closeAllConnections();
      one.close();
    }
  });

  test('what follows requests as they end shows them as text, cut: tap, logs, top', async () => {
    const MOST = ['--max', '30'];
    const commands = [
      ...ENGINES.map((engine) => ['tap', `caller-${engine}`, ...MOST, '-o', 'json']),
      ['tap', 'orders', ...MOST],
      ['logs', 'orders', ...MOST],
    ];
    const running = commands.map((args) => new TestProcess(WEFT, args, { env: mesh.env }));
    await until(
      async () => {
        await attack();
        return running.every(({ exit }) => exit !== undefined);
      },
      { timeout: 120_000, what: 'enough requests in each' },
    );
    for (const [index, { stdout, stderr }] of running.entries()) {
      const what = commands[index]?.join(' ') ?? '';
      assert.ok(stdout.includes(MARK), `${what} shows none of it: ${stdout}${stderr}`);
      harmless(what, stdout);
      if (what.includes('json')) for (const line of stdout.trim().split('\n')) JSON.parse(line);
    }
    let top = '';
    await until(
      async () => {
        [top] = await Promise.all([told('top', 'orders', '--for', '3s'), attack()]);
        return top.includes(MARK);
      },
      { timeout: 60_000, what: 'its paths in top' },
    );
    harmless('top', top);
    assert.ok(answered > 100, `${answered}`);
  });

  test('what keeps requests shows them as text, cut: requests, why, learn, plan --seen, traces, trace', async () => {
    const kept = async (): Promise<{ requests: readonly { record: { requestId: string; path: string } }[] }> =>
      JSON.parse((await api('/weft/v1/requests?limit=500')).body.toString()) as Awaited<ReturnType<typeof kept>>;
    await until(async () => (await kept()).requests.some(({ record }) => record.path.includes(MARK)), {
      what: 'kept requests',
    });
    const [id = ''] = (await kept()).requests.flatMap(({ record }) =>
      record.path.includes(MARK) ? [record.requestId] : [],
    );
    let trace = '';
    await until(
      async () => {
        const { traces } = JSON.parse((await api('/weft/v1/traces?limit=500')).body.toString()) as TracesDocument;
        const shows = (span: KeptSpan): boolean => attributeOf(span, 'url.path').includes(MARK);
        trace = traces.find(({ spans }) => spans.some(shows))?.id ?? '';
        return trace !== '';
      },
      { what: 'kept traces' },
    );
    const change = mesh.file('apiVersion: v1\nkind: Namespace\nmetadata: { name: other }\n');
    const commands = [
      ['why', id],
      ['traces'],
      ['trace', trace],
      ['learn', '--anyway'],
      ['plan', '-f', change, '--seen'],
    ];
    for (const [at, text] of (await Promise.all(commands.map((args) => told(...args)))).entries()) {
      const [what = ''] = commands[at] ?? [];
      harmless(what, text);
      assert.ok(text.includes(MARK) || !['why', 'trace'].includes(what), `${what}: ${text}`);
    }
    for (const page of [
      'requests?limit=500',
      'traces?limit=500',
      'seen',
      `why?id=${encodeURIComponent(id)}`,
      `traces/${trace}`,
    ]) {
      const { status, headers, body } = await api(`/weft/v1/${page}`);
      assert.equal(status, 200, page);
      assert.match(headers['content-type'] ?? '', /^application\/json/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      harmless(page, body.toString(), Number.POSITIVE_INFINITY);
      assert.ok(body.toString().includes(MARK), page);
    }
  });

  test('what counts has nothing of it: stat, edges, top, graph, metrics, time series, OTLP, the report', async () => {
    const commands = [
      ['stat', '--window', '10m'],
      ['edges', '-o', 'wide', '--window', '10m'],
      ...['dot', 'mermaid', 'json'].map((form) => ['graph', '-o', form, '--window', '10m']),
      ['status'],
    ];
    for (const [at, text] of (await Promise.all(commands.map((args) => told(...args)))).entries()) {
      const what = commands[at]?.join(' ') ?? '';
      assert.ok(text.includes('orders'), `${what}: ${text}`);
      harmless(what, text);
      nothing(what, text);
    }
    const { rows } = JSON.parse((await api('/weft/v1/traffic?window=10m')).body.toString()) as TrafficDocument;
    // Beside each call: requests that were refused before anybody was asked.
    assert.ok(rows.length <= 3 * ENGINES.length, JSON.stringify(rows.map(({ edge }) => edge)));
    const prometheus = '/weft/v1/prometheus/api/v1/';
    for (const page of [
      '/metrics',
      '/weft/v1/traffic?window=10m&reporter=all',
      `${prometheus}labels`,
      '/weft/v1/proxies',
      '/weft/v1/changes',
      '/weft/v1/findings',
    ].concat(`${prometheus}series?match[]=${encodeURIComponent('{__name__!=""}')}`))
      nothing(page, (await api(page)).body.toString());
    const own = (await api('/metrics')).body.toString();
    const ofStores = (name: string): ReadonlyMap<string, number> =>
      new Map(
        [...own.matchAll(new RegExp(`^${name}\\{store="([a-z-]+)"\\} (\\d+)$`, 'gm'))].map(
          ([, store = '', value = '']) => [store, Number(value)],
        ),
      );
    const limits = ofStores('weft_store_limit_bytes');
    assert.deepEqual([...limits.keys()].sort(), [
      'described-edges',
      'otlp',
      'request-kinds',
      'requests',
      'series',
      'traces',
      'traffic',
    ]);
    for (const [store, bytes] of ofStores('weft_store_bytes'))
      assert.ok(bytes > 0 && bytes <= (limits.get(store) ?? 0), `${store}: ${bytes} of ${limits.get(store) ?? 0}`);
    for (const [workload, port] of metrics)
      for (const accept of ['text/plain', 'application/openmetrics-text; version=1.0.0']) {
        const text = (await exchange({ port }, { path: '/metrics', headers: { accept } })).body.toString();
        assert.match(text, /^istio_requests_total/m);
        nothing(`${workload} /metrics`, text);
        const series = [...text.matchAll(/^istio_requests_total/gm)].length;
        assert.ok(series <= 20, `${workload} has ${series} rows of istio_requests_total`);
      }
    await until(() => pushed.some((bytes) => bytes.includes('istio_requests_total')), { what: 'metrics by OTLP' });
    for (const bytes of pushed) nothing('OTLP metrics', bytes.toString('latin1'));
    const archive = path.join(mesh.folder, 'report.tar.gz');
    await told('bugreport', '-o', archive);
    const out = path.join(mesh.folder, 'out');
    mkdirSync(out);
    execFileSync('tar', ['-xzf', archive, '-C', out]);
    const files = globSync('**/*.{yaml,txt}', { cwd: out });
    assert.ok(files.length > 5);
    for (const file of files) nothing(`bugreport ${file}`, readFileSync(path.join(out, file), 'utf8'));
  });

  test('access logs have a line a request, whatever is in it: as text and as JSON', () => {
    const lines = (name: string): string[] =>
      readFileSync(path.join(mesh.folder, name), 'utf8').split('\n').slice(0, -1);
    const [text, fields] = [lines('text.log'), lines('fields.log')];
    const envoy = String(upstreams.get('envoy'));
    assert.ok(text.length > 100 && fields.length > 100, `${text.length} ${fields.length}`);
    for (const line of text) {
      // Envoy writes what it was sent.
      const [, who = '', rest = ''] = /^(\d+) ([^]*) end$/.exec(line) ?? [];
      assert.ok(who !== '' && rest.length < 40_000, JSON.stringify(line));
      if (who !== envoy) assert.doesNotMatch(rest, DANGEROUS);
    }
    for (const line of fields) {
      const { who, ...said } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual(Object.keys(said).sort(), ['agent', 'from', 'host', 'id', 'path']);
      if (String(who) !== envoy) assert.doesNotMatch(line, DANGEROUS);
    }
    assert.ok(text.some((line) => line.includes(MARK)) && fields.some((line) => line.includes(MARK)));
  });

  test('questions that hold such values are answered with them as text', async () => {
    for (const value of Object.values(VALUES)) {
      const text = encodeURIComponent(value.slice(0, 2000));
      for (const page of [
        `explain?from=${text}&to=${text}`,
        `explain?from=web&to=orders&path=${text}&method=${text}&header=${text}`,
        `callers?to=${text}`,
        `traces/${text}`,
        `traces?slowerThan=${text}`,
        `why?id=${text}`,
        `seen?window=${text}`,
        `traffic?window=${text}`,
        `prometheus/api/v1/query?query=${text}`,
        `prometheus/api/v1/label/${text}/values`,
        `namespaces/default/workloads/${text}/tap`,
        text,
      ]) {
        const { status, headers, body } = await api(`/weft/v1/${page}`);
        assert.ok(status < 500, `${page.slice(0, 60)}: ${status}`);
        assert.match(headers['content-type'] ?? '', /^application\/json/, page.slice(0, 60));
        assert.equal(headers['x-content-type-options'], 'nosniff');
        JSON.parse(body.toString());
        assert.ok(body.length < 20_000, `${page.slice(0, 60)}: ${body.length}`);
      }
    }
  });
});

/** Nothing that a terminal obeys or that turns text, and no line without an end. */
function harmless(what: string, text: string, longest = 10_000): void {
  for (const line of text.split('\n')) {
    assert.doesNotMatch(line, DANGEROUS, `${what}: ${JSON.stringify(line.slice(0, 300))}`);
    assert.ok(line.length <= longest, `${what}: a line of ${line.length} characters`);
  }
}

function nothing(what: string, text: string): void {
  const at = text.toLowerCase().indexOf(MARK);
  assert.ok(at < 0, `${what}: ${JSON.stringify(text.slice(Math.max(0, at - 200), at + 200))}`);
}
