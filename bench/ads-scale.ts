/**
 * How the control plane's xDS carries many streams: `node bench/ads-scale.ts [--streams N] [--changes N] [--tables own] [--source plane] [--json FILE]`. This process is the control
 * plane (its CPU time and memory are what counts), a child process holds the clients. Each stream gets a listener of its own, routes,
 * 200 clusters with mTLS and 1,000 endpoints, in plaintext, and acknowledges every type; then one endpoint changes, several times. With `--source plane` the rows come from objects in a store, through
 * assembling and compiling, and a change is a write.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ok } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import type { Cluster, EndpointSet, ProxyConfig, RouteConfiguration } from '@weft/core/proxy-config';
import { ControlServer } from '@weft/control/server';
import { adsMethods, XdsServer, type ConfigSource } from '@weft/control/xds';
import { envoyEncoders } from '@weft/control/xds/encoders';
import {
  cluster,
  config,
  endpointSet,
  listener,
  mutualTls,
  proxyOf,
  route,
  routeTable,
} from '@weft/control/xds/testing';
import { PLANE_ROUTES, PlaneSource } from './ads-plane.ts';
import type { Order, Report } from './ads-clients.ts';

const { values: flags } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '10' },
    tables: { type: 'string', default: 'shared' },
    source: { type: 'string', default: 'rows' },
    json: { type: 'string' },
  },
});

const STREAMS = Number(flags.streams);
const CHANGES = Number(flags.changes);
const SERVICES = 200;
const ENDPOINTS_EACH = 5;

const names = Array.from({ length: SERVICES }, (_, index) => `outbound/shop/service-${index}/8080`);

const clusters: readonly Cluster[] = names.map((name, index) =>
  cluster(name, {
    transport: mutualTls(`spiffe://weft.local/ns/shop/sa/service-${index}`, `8080.service-${index}.shop.weft.local`),
    source: `Service/shop/service-${index}#spec.ports[0]`,
  }),
);
const routes: readonly RouteConfiguration[] = names.map((name, index) =>
  routeTable(name, [route(name, { source: `Service/shop/service-${index}#spec.ports[0]` })], [`service-${index}.shop`]),
);
const endpoints: EndpointSet[] = names.map((name, index) => endpointsOf(name, index, 0));

function endpointsOf(name: string, index: number, revision: number): EndpointSet {
  const set = endpointSet(
    name,
    ...Array.from({ length: ENDPOINTS_EACH }, (_, each) => ({
      kind: 'ip' as const,
      ip: `10.${(index >> 8) & 255}.${index & 255}.${each + 1}`,
      port: 15_000 + (revision % 1000),
    })),
  );
  return {
    ...set,
    localities: set.localities.map((locality) => ({
      ...locality,
      endpoints: locality.endpoints.map((endpoint, each) => ({
        ...endpoint,
        workload: {
          workload: `shop/service-${index}-${each}`,
          identity: `spiffe://weft.local/ns/shop/sa/service-${index}`,
          app: `service-${index}`,
          version: 'v1',
          transport: 'mtls' as const,
        },
      })),
    })),
  };
}

/**
 * Each proxy has listeners of its own. The other tables are one object for all, as compilation leaves them for proxies that see the same
 * services; with `--tables own` each proxy has tables of its own, of shared rows.
 */
class BenchSource implements ConfigSource {
  readonly #proxies = new Map<Proxy, { listener: (config: ProxyConfig) => void; config: ProxyConfig }>();
  readonly #own: boolean;
  #shared = config({ clusters, routes, endpoints });

  constructor(own: boolean) {
    this.#own = own;
  }

  subscribe(proxy: Proxy, listen: (config: ProxyConfig) => void): { close(): void } {
    const inbound = listener(`inbound/${proxy.id}`, { kind: 'ip', ip: '127.0.0.1', port: 8080 }, names[0] ?? '');
    const outbound = names
      .slice(0, 3)
      .map((name, index) => listener(name, { kind: 'ip', ip: '127.0.0.1', port: 10_000 + index }, name));
    const made = config({ clusters, routes, endpoints, listeners: [inbound, ...outbound] });
    const mine = this.#own ? made : { ...this.#shared, listeners: made.listeners };
    this.#proxies.set(proxy, { listener: listen, config: mine });
    listen(mine);
    return { close: () => void this.#proxies.delete(proxy) };
  }

  change(index: number, revision: number): Promise<void> {
    const name = names[index] ?? '';
    const set = endpointsOf(name, index, revision);
    endpoints[index] = set;
    this.#shared = { ...this.#shared, endpoints: new Map(this.#shared.endpoints).set(name, set) };
    for (const proxy of this.#proxies.values()) {
      const table = this.#own ? new Map(proxy.config.endpoints).set(name, set) : this.#shared.endpoints;
      proxy.config = { ...proxy.config, endpoints: table };
      proxy.listener(proxy.config);
    }
    return Promise.resolve();
  }
}

const cpuSeconds = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};
const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
const round = (value: number): number => Math.round(value * 1000) / 1000;
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

const folder = mkdtempSync(path.join(tmpdir(), 'weft-ads-'));
const unixPath = path.join(folder, 'ads.sock');
const clock = { now: () => performance.now(), after: timer };
const rows = new BenchSource(flags.tables === 'own');
const plane =
  flags.source === 'plane' ? new PlaneSource({ services: SERVICES, endpointsEach: ENDPOINTS_EACH }, clock) : undefined;
await plane?.start();
let proxies = 0;
const server = new XdsServer({
  source: plane?.plane ?? rows,
  resolveProxy: (claim) => ok(plane?.proxy(claim.id, proxies++) ?? proxyOf(claim)),
  encoders: envoyEncoders,
  clock,
  wall: { now: () => Date.now() },
});

function timer(delayMs: number, callback: () => void): { cancel(): void } {
  const handle = setTimeout(callback, delayMs).unref();
  return { cancel: () => clearTimeout(handle) };
}

const front = new ControlServer({
  tls: { certificateChain: '', privateKey: '', roots: '' },
  grpcMethods: adsMethods(server),
  restHandler: (socket) => socket.destroy(),
  unixPath,
});
await front.start();

const idleMb = megabytes(process.memoryUsage.rss());
const clients = fork(path.join(import.meta.dirname, 'ads-clients.ts'), { serialization: 'advanced' });
clients.once('exit', (code) => {
  if (code !== 0) process.exit(1);
});
const heard = async (): Promise<Report> => {
  const [report]: Report[] = await once(clients, 'message');
  if (report === undefined) throw new Error('no report');
  return report;
};

let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);

const started = process.cpuUsage();
const began = process.hrtime.bigint();
const order: Order = {
  kind: 'start',
  path: unixPath,
  streams: STREAMS,
  endpointNames: names,
  routeNames: plane === undefined ? names : PLANE_ROUTES,
  ramp: { batch: 25, everyMs: 10 },
};
const syncReport = heard();
clients.send(order);
const synced = await syncReport;
if (synced.kind !== 'synced') throw new Error('out of order');
const allSynced = await server.converged(10_000);
const firstSync = {
  cpuSeconds: round(cpuSeconds(started)),
  seconds: round(Number(synced.at - began) / 1e9),
  peakMb: megabytes(Math.max(peak, process.memoryUsage.rss())),
  megabytesSent: megabytes(synced.bytes),
  allSynced,
};

const changes: { p50: number; p99: number; cpuSeconds: number }[] = [];
for (let change = 1; change <= CHANGES; change++) {
  await pause(200);
  const before = process.cpuUsage();
  const written = process.hrtime.bigint();
  await (plane ?? rows).change((change * 7) % SERVICES, change);
  if (!(await server.converged(10_000))) throw new Error('a change did not reach all');
  const cpu = cpuSeconds(before);
  const report = heard();
  clients.send('arrivals');
  const arrived = await report;
  if (arrived.kind !== 'changed') throw new Error('out of order');
  const delays = arrived.arrivals.map((at) => Number(at - written) / 1e6).sort((a, b) => a - b);
  changes.push({ p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), cpuSeconds: cpu });
}
clearInterval(watch);
const median = (list: readonly number[]): number =>
  quantile(
    [...list].sort((a, b) => a - b),
    0.5,
  );
const result = {
  streams: STREAMS,
  source: flags.source,
  clusters: SERVICES,
  endpoints: SERVICES * ENDPOINTS_EACH,
  firstSync,
  rssMb: { idle: idleMb, after: megabytes(process.memoryUsage.rss()) },
  endpointChange: {
    changes: CHANGES,
    p50Ms: round(median(changes.map(({ p50 }) => p50))),
    p99Ms: round(median(changes.map(({ p99 }) => p99))),
    worstP99Ms: round(Math.max(...changes.map(({ p99 }) => p99))),
    cpuSeconds: round(median(changes.map(({ cpuSeconds: cpu }) => cpu))),
    worstCpuSeconds: round(Math.max(...changes.map(({ cpuSeconds: cpu }) => cpu))),
  },
};
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(result)}\n`);
clients.send('stop');
server.stop();
plane?.stop();
await front.stop(0);
rmSync(folder, { recursive: true, force: true });
