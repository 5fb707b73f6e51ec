import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ForwardAction,
  type HeaderMatcher,
  type HttpConnectionManager,
  type RetryPolicy,
  UNSEEN_ANSWER,
  type VirtualHost,
} from '@weft/core/proxy-config';
import {
  forwardTo,
  managerOf,
  prefix,
  retryPolicy,
  routeConfiguration,
  routeOf,
  virtualHost,
} from './testing/configuration.ts';
import { Harness, TestCluster } from './testing/harness.ts';
import { closedPort, converse, eventually, headBackend, type RawBackend, RawClient } from './testing/wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const post = (body: string): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const status = (code: number): string => `HTTP/1.1 ${code} X\r\nContent-Length: 0\r\n\r\n`;
const timeouts = managerOf(routeConfiguration([])).timeouts;

async function setup(
  ports: readonly number[],
  action: Partial<ForwardAction>,
  more: {
    readonly host?: Partial<VirtualHost>;
    readonly manager?: Partial<HttpConnectionManager>;
    readonly cluster?: ConstructorParameters<typeof TestCluster>[2];
  } = {},
): Promise<{ harness: Harness; cluster: TestCluster; send: (request: string) => Promise<string> }> {
  const cluster = new TestCluster('a', ports, more.cluster);
  const harness = new Harness({
    routes: routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a', action))], more.host)]),
    clusters: [cluster],
    manager: more.manager ?? {},
  });
  await harness.start();
  return { harness, cluster, send: (request) => converse(harness.port, request) };
}

/** Every slot that was taken was given back. */
function nothingHeld(cluster: TestCluster): void {
  const { pending, requests, retries } = cluster.breakerState;
  assert.deepEqual(
    { pending, requests, retries, active: cluster.endpoints.map((one) => one.active) },
    { pending: 0, requests: 0, retries: 0, active: cluster.endpoints.map(() => 0) },
  );
}
const stop = async (harness: Harness, ...backends: RawBackend[]): Promise<void> => {
  await harness.stop();
  for (const backend of backends) await backend.stop();
};

test('5xx is retried until it succeeds, body and all; the attempt count travels', async () => {
  const seen: string[] = [];
  const backend = await headBackend((number, head) => {
    seen.push(/x-envoy-attempt-count: (\d+)/.exec(head)?.[1] ?? '');
    return number < 3 ? status(503) : OK;
  });
  const { harness, cluster, send } = await setup(
    [backend.port],
    { retryPolicy: retryPolicy('5xx', { numRetries: 3 }) },
    { host: { includeRequestAttemptCount: true } },
  );
  assert.match(await send(post('payload')), /^HTTP\/1\.1 200 OK[^]*ok$/);
  assert.deepEqual(seen, ['1', '2', '3']);
  assert.equal(backend.sockets.length, 1, 'an answer that is here whole does not cost the connection');
  assert.deepEqual([harness.records[0]?.attempts, harness.records[0]?.flags], [3, '-']);
  nothingHeld(cluster);
  await stop(harness, backend);
});

test('retries end after their number: the last answer is passed on with URX', async () => {
  const backend = await headBackend(() => status(503));
  const { harness, cluster, send } = await setup([backend.port], {
    retryPolicy: retryPolicy('5xx', { numRetries: 2 }),
  });
  assert.match(await send(GET), /^HTTP\/1\.1 503 X/);
  assert.deepEqual([harness.records[0]?.attempts, harness.records[0]?.flags], [3, 'URX']);
  assert.deepEqual(cluster.endpoints[0]?.statuses, [503, 503, 503]);
  nothingHeld(cluster);
  await stop(harness, backend);
});

test('which conditions retry what', async () => {
  for (const [words, answer, codes, tries] of [
    ['gateway-error', 500, [], 1],
    ['gateway-error', 502, [], 2],
    ['5xx', 404, [], 1],
    ['retriable-4xx', 409, [], 2],
    ['retriable-4xx', 408, [], 1],
    ['retriable-status-codes', 418, [418], 2],
    ['retriable-status-codes', 503, [418], 1],
    ['connect-failure,reset', 503, [], 1],
  ] as const) {
    const backend = await headBackend(() => status(answer));
    const { harness, send } = await setup([backend.port], {
      retryPolicy: retryPolicy(words, { retriableStatusCodes: codes }),
    });
    await send(GET);
    assert.equal(harness.records[0]?.attempts, tries, `${words} ${answer}`);
    await stop(harness, backend);
  }
});

test('a reset is retried where the policy says so, and not otherwise', async () => {
  for (const [words, tries, expected] of [
    ['reset', 2, /^HTTP\/1\.1 200 /],
    ['connect-failure', 1, /^HTTP\/1\.1 503 [^]*connection termination$/],
  ] as const) {
    const backend = await headBackend((number, _, socket) => {
      if (number > 1) return OK;
      socket.resetAndDestroy();
      return '';
    });
    const { harness, cluster, send } = await setup([backend.port], { retryPolicy: retryPolicy(words) });
    assert.match(await send(post('x')), expected);
    assert.equal(harness.records[0]?.attempts, tries);
    nothingHeld(cluster);
    await stop(harness, backend);
  }
});

test('the retry budget: without a slot the first answer stands, with UO', async () => {
  const backend = await headBackend(() => status(503));
  const none = {
    maxConnections: 1024,
    maxConnectionsPerEndpoint: 4_294_967_295,
    maxPendingRequests: 1024,
    maxRequests: 1024,
    maxRetries: 0,
    retryBudget: undefined,
    trackRemaining: false,
  };
  const { harness, send } = await setup(
    [backend.port],
    { retryPolicy: retryPolicy('5xx') },
    { cluster: { circuitBreakers: { default: none, high: none } } },
  );
  assert.match(await send(GET), /^HTTP\/1\.1 503 /);
  assert.deepEqual([harness.records[0]?.attempts, harness.records[0]?.flags], [1, 'UO']);
  await stop(harness, backend);
});

test('circuit limits: no slot for a request or for waiting answers 503 overflow', async () => {
  for (const limit of [{ maxRequests: 0 }, { maxPendingRequests: 0 }]) {
    const backend = await headBackend(() => OK);
    const all = {
      maxConnections: 1024,
      maxConnectionsPerEndpoint: 4_294_967_295,
      maxPendingRequests: 1024,
      maxRequests: 1024,
      maxRetries: 3,
      retryBudget: undefined,
      trackRemaining: false,
      ...limit,
    };
    const { harness, cluster, send } = await setup(
      [backend.port],
      {},
      { cluster: { circuitBreakers: { default: all, high: all } } },
    );
    assert.match(await send(GET), /^HTTP\/1\.1 503 [^]*reset reason: overflow$/);
    assert.equal(harness.records[0]?.flags, 'UO');
    nothingHeld(cluster);
    await stop(harness, backend);
  }
});

test('without a policy: a refused connection goes to another endpoint, whatever the method', async () => {
  const backend = await headBackend(() => OK);
  const { harness, cluster, send } = await setup([await closedPort(), await closedPort(), backend.port], {});
  assert.match(await send(post('body')), /^HTTP\/1\.1 200 /);
  assert.equal(harness.records[0]?.attempts, 3);
  nothingHeld(cluster);
  await stop(harness, backend);
});

const unseenAnswers = (more: Partial<RetryPolicy> = {}): Partial<ForwardAction> => ({
  retryPolicy: retryPolicy('retriable-headers', { numRetries: 1, retriableHeaders: [UNSEEN_ANSWER], ...more }),
});
const told = (word: string): string => `HTTP/1.1 503 X\r\nx-weft-answer: ${word}\r\nContent-Length: 0\r\n\r\n`;
const UNSEEN = 'UF upstream_reset_before_response_started{remote_connection_failure} inbound/8080';

test('what a peer says that no application has seen goes to another endpoint, outside of the policy; it counts against the endpoint', async () => {
  const gone = await headBackend(() => told(UNSEEN));
  const backend = await headBackend(() => OK);
  const { harness, cluster, send } = await setup([gone.port, gone.port, gone.port, backend.port], unseenAnswers());
  for (const endpoint of cluster.endpoints) endpoint.becomePeer();
  assert.match(await send(post('body')), /^HTTP\/1\.1 200 /);
  assert.deepEqual([harness.records[0]?.attempts, harness.records[0]?.flags], [4, '-']);
  assert.deepEqual(
    cluster.endpoints.map(({ statuses }) => statuses),
    [[503], [503], [503], [200]],
  );
  assert.ok(!cluster.events.includes('upstream_rq_retry'));
  nothingHeld(cluster);
  await stop(harness, gone, backend);
});

test('with no other endpoint the policy decides, and its last answer is passed on', async () => {
  const gone = await headBackend(() => told(UNSEEN));
  const { harness, cluster, send } = await setup([gone.port], unseenAnswers({ numRetries: 2 }));
  for (const endpoint of cluster.endpoints) endpoint.becomePeer();
  assert.match(await send(GET), /^HTTP\/1\.1 503 X\r\nx-weft-answer: UF /);
  assert.deepEqual([harness.records[0]?.attempts, harness.records[0]?.flags], [3, 'URX']);
  nothingHeld(cluster);
  await stop(harness, gone);
});

test('who is heeded: peers behind mutual TLS, by their exact word, where a policy does not say 0 tries', async () => {
  const onlyGet: HeaderMatcher = {
    name: ':method',
    match: { kind: 'string', matcher: { kind: 'exact', value: 'GET', ignoreCase: false } },
    invert: false,
    treatMissingAsEmpty: false,
  };
  for (const [what, word, peer, more, tries] of [
    ['plaintext', UNSEEN, false, {}, 1],
    ['a cut connection', UNSEEN.replace('UF', 'UC'), true, {}, 1],
    ['no port of the called side', 'UF a HTTPRoute/shop/orders#spec.rules[0]', true, {}, 1],
    ['more behind it', `${UNSEEN} x`, true, {}, 1],
    ['0 tries', UNSEEN, true, { numRetries: 0 }, 1],
    ['a method of no policy: at once, but not again', UNSEEN, true, { retriableRequestHeaders: [onlyGet] }, 2],
  ] as const) {
    const gone = await headBackend(() => told(word));
    const { harness, cluster, send } = await setup([gone.port, gone.port], unseenAnswers(more));
    if (peer) for (const endpoint of cluster.endpoints) endpoint.becomePeer();
    assert.match(await send(post('body')), /^HTTP\/1\.1 503 X/, what);
    assert.equal(harness.records[0]?.attempts, tries, what);
    nothingHeld(cluster);
    await stop(harness, gone);
  }
});

test('without a policy: an idle connection that had closed is no failure for GET, and POST is not sent twice', async () => {
  let serve = 0;
  const backend = await headBackend((_, __, socket) => {
    serve += 1;
    // The second request on the same connection meets a server that has just given it up.
    if (serve === 2 || serve === 5) {
      socket.destroy();
      return '';
    }
    return OK;
  });
  const { harness, cluster } = await setup([backend.port], {});
  const client = new RawClient(harness.port);
  const round = async (request: string, number: number): Promise<void> => {
    client.send(request);
    await harness.recorded(number);
  };
  await round('GET / HTTP/1.1\r\nHost: a\r\n\r\n', 1);
  await round('GET / HTTP/1.1\r\nHost: a\r\n\r\n', 2);
  assert.deepEqual([harness.records[1]?.status, harness.records[1]?.attempts], [200, 2]);
  await round('GET / HTTP/1.1\r\nHost: a\r\n\r\n', 3);
  await round('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', 4);
  assert.deepEqual(
    [harness.records[3]?.status, harness.records[3]?.flags, harness.records[3]?.attempts],
    [503, 'UC', 1],
  );
  nothingHeld(cluster);
  client.destroy();
  await stop(harness, backend);
});

test('the route time-out answers 504 and frees everything', async () => {
  const backend = await headBackend(() => '');
  const { harness, cluster, send } = await setup([backend.port], { timeout: 40 });
  assert.match(await send(GET), /^HTTP\/1\.1 504 Gateway Timeout[^]*upstream request timeout$/);
  assert.deepEqual([harness.records[0]?.flags, harness.records[0]?.details], ['UT', 'response_timeout']);
  assert.deepEqual(cluster.endpoints[0]?.failures, ['timeout']);
  nothingHeld(cluster);
  await eventually(() => backend.sockets[0]?.readyState !== 'open', 'upstream is closed');
  await stop(harness, backend);
});

test('the time-out of a try is retried, the route time-out bounds all of them', async () => {
  const backend = await headBackend((number) => (number < 2 ? '' : OK));
  const { harness, send } = await setup([backend.port], { retryPolicy: retryPolicy('5xx', { perTryTimeout: 30 }) });
  assert.match(await send(GET), /^HTTP\/1\.1 200 /);
  assert.equal(harness.records[0]?.attempts, 2);
  await stop(harness, backend);
  const silent = await headBackend(() => '');
  const bounded = await setup([silent.port], {
    timeout: 70,
    retryPolicy: retryPolicy('5xx', { perTryTimeout: 30, numRetries: 9 }),
  });
  assert.match(await bounded.send(GET), /^HTTP\/1\.1 504 /);
  nothingHeld(bounded.cluster);
  await stop(bounded.harness, silent);
});

test('an answer that has begun and stalls is cut by the route time-out', async () => {
  const backend = await headBackend(() => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
  const { harness, send } = await setup([backend.port], { timeout: 50 });
  assert.match(await send(GET), /abc$/);
  assert.equal(harness.records[0]?.flags, 'UT');
  await stop(harness, backend);
});

test('slow clients: unfinished head, unfinished body, idle stream, idle connection', async () => {
  const backend = await headBackend(() => '');
  const { harness } = await setup(
    [backend.port],
    {},
    { manager: { timeouts: { ...timeouts, requestHeaders: 30, idle: 60, streamIdle: 50 } } },
  );
  assert.match(await converse(harness.port, 'GET / HTTP/1.1\r\nHos'), /^HTTP\/1\.1 408 [^]*header timeout$/);
  assert.match(
    await converse(harness.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'),
    /^HTTP\/1\.1 408 [^]*stream timeout$/,
  );
  assert.equal(await converse(harness.port, ''), '');
  assert.deepEqual(
    harness.records.map((record) => record.flags),
    ['-', 'SI'],
  );
  await stop(harness, backend);
  const whole = await setup([], {}, { manager: { timeouts: { ...timeouts, request: 30 } } });
  assert.match(
    await converse(whole.harness.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'),
    /^HTTP\/1\.1 (408|503) /,
  );
  await stop(whole.harness);
});

test('limits per connection: upstream requests, downstream requests', async () => {
  const backend = await headBackend(() => OK);
  const { harness } = await setup(
    [backend.port],
    {},
    { cluster: { maxRequestsPerConnection: 2 }, manager: { maxRequestsPerConnection: 4 } },
  );
  const client = new RawClient(harness.port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(6));
  const text = await client.closed();
  assert.equal(text.split('HTTP/1.1 200').length - 1, 4);
  assert.equal(backend.sockets.length, 2);
  await stop(harness, backend);
});

test('waiting exchanges get connections in order, and none is left behind when connects fail', async () => {
  const { harness, cluster } = await setup([await closedPort()], {});
  const answers = await Promise.all(Array.from({ length: 20 }, () => converse(harness.port, GET)));
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 503 /);
  nothingHeld(cluster);
  await stop(harness);
});
