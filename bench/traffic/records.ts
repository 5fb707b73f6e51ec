/**
 * `npm run bench -- records`: CPU of counting one finished exchange, without the exchange: rows of traffic and Envoy's downstream statistics
 * together, as the engine's telemetry does it; alone, and while the control plane keeps requests that happened (weft why). Beside `bench path`, which says what a request takes in all.
 */
import { randomUUID } from 'node:crypto';
import { Engine, MemorySecrets } from '@weft/proxy/engine';

const ROUNDS = 7;
const EACH = 2_000_000;
const RECORDS = 1024;

const engine = new Engine({
  secrets: new MemorySecrets(),
  self: {
    workload: 'web-bcd24',
    namespace: 'shop',
    app: 'web',
    version: '',
    identity: 'spiffe://mesh/ns/shop/sa/web',
    service: 'web.shop',
  },
});
type Ended = Parameters<Engine['telemetry']['exchangeEnded']>[0];

const endpoints = Array.from({ length: 5 }, (_, index) => ({
  cluster: { config: { source: 'Service/shop/orders#spec.ports[0]' } },
  endpoint: {
    workload: {
      workload: `shop/orders-bcd2${index + 4}`,
      identity: 'spiffe://mesh/ns/shop/sa/orders',
      app: 'orders',
      version: 'v1',
      transport: 'mtls',
    },
  },
  secure: true,
  address: `10.0.0.${index}:8080`,
}));
const filterChain = { terminal: { kind: 'http-connection-manager', manager: { statPrefix: 'outbound' } } };
const connections = Array.from({ length: 64 }, () => ({
  listener: { direction: 'outbound' },
  filterChain,
  local: { ip: '127.0.0.1', port: 9001 },
  remote: { ip: '127.0.0.1', port: 40_000 },
}));
const ids = Array.from({ length: RECORDS }, () => randomUUID());
/** What telemetry reads of a record; five endpoints, two kinds of answer. */
const records = Array.from({ length: RECORDS }, (_, index) => ({
  kind: 'http',
  downstream: connections[index % connections.length],
  duration: (index % 50) + 0.3,
  status: index % 50 === 0 ? 503 : 200,
  flags: 0,
  details: 'via_upstream',
  bytesReceived: index % 7 === 0 ? 200 : 0,
  bytesSent: 1000,
  grpcStatus: -1,
  clusterName: 'outbound/shop/orders/80',
  endpoint: endpoints[index % endpoints.length],
  upstream: { peerUriSan: 'spiffe://mesh/ns/shop/sa/orders' },
  attempts: 1,
  source: 'HTTPRoute/shop/orders#spec.rules[0]',
  startWall: 0,
  method: 'GET',
  path: '/orders/1',
  authority: 'orders',
  protocol: 'HTTP/2',
  requestHeader: (name: string) => (name === 'x-request-id' ? ids[index] : undefined),
})) as unknown as readonly Ended[];

function round(): number {
  const before = process.cpuUsage();
  for (let index = 0; index < EACH; index += 1) {
    const record = records[index % RECORDS];
    if (record !== undefined) engine.telemetry.exchangeEnded(record, []);
  }
  const { user, system } = process.cpuUsage(before);
  engine.telemetry.traffic.take();
  return ((user + system) * 1000) / EACH;
}

const keep = { to: '', method: '', path: '', status: 0, rate: 20, keep: true } as const;
const costs = { alone: [] as number[], kept: [] as number[] };
let told = 0;
round();
// In turn, so that what disturbs the host disturbs both.
for (let index = 0; index < ROUNDS; index += 1) {
  costs.alone.push(round());
  const tap = engine.telemetry.tap(
    keep,
    () => (told += 1),
    () => {},
  );
  costs.kept.push(round());
  tap.close();
}
const said = (list: number[]): string => {
  const sorted = list.toSorted((a, b) => a - b);
  return `${(sorted[ROUNDS >> 1] ?? 0).toFixed(0)} ns of CPU, ${(sorted[0] ?? 0).toFixed(0)} where nobody disturbs`;
};
process.stdout.write(
  `a finished exchange is counted in ${said(costs.alone)}\nwhile requests are kept (${told} of ${ROUNDS * EACH} were): ${said(costs.kept)}\n`,
);
