/** What a request was addressed to: found by the port at which a proxy took it, in what that proxy was told. */
import type { Plane } from '@weft/control/plane';
import type { Addressed } from '@weft/core/documents';
import type { MonotonicClock } from '@weft/core/kernel';
import { type EndpointRow, type MeshView, parsePortKey, type Proxy } from '@weft/core/mesh-view';
import type { TapRecord } from '@weft/core/tap';

/** ms that what is known of a proxy is taken for true; and how many are remembered. */
const FRESH = 5000;
const PROXIES = 5000;

interface Known {
  readonly at: number;
  readonly proxy: Proxy | undefined;
  readonly view: MeshView | undefined;
  /** Of the called side, by the port of its proxy. */
  readonly served: Map<number, Addressed | undefined>;
}

export class AddressedBy {
  readonly #plane: () => Plane;
  readonly #clock: MonotonicClock;
  readonly #known = new Map<string, Known>();

  constructor(plane: () => Plane, clock: MonotonicClock) {
    this.#plane = plane;
    this.#clock = clock;
  }

  /** `workload`: key of the instance. */
  of(workload: string, record: TapRecord): Addressed | undefined {
    const known = this.#of(workload);
    const { proxy } = known;
    if (record.direction === 'inbound') {
      if (!known.served.has(record.port)) known.served.set(record.port, servedAt(known.view, workload, record));
      return known.served.get(record.port);
    }
    if (proxy === undefined) return undefined;
    if (proxy.gateway !== '') return { service: proxy.gateway, port: record.port, gateway: true };
    const upstream = proxy.upstreams.find(({ localPort }) => localPort === record.port);
    if (upstream !== undefined) return atPort(known.view, upstream.service, upstream.port);
    return record.port === proxy.httpProxyPort ? named(known.view, proxy, record.authority) : undefined;
  }

  #of(workload: string): Known {
    const now = this.#clock.now();
    const known = this.#known.get(workload);
    if (known !== undefined && now - known.at < FRESH) return known;
    const plane = this.#plane();
    const proxy = plane.compiled(workload)[0]?.proxy;
    // A proxy that is gone is still the one that told the request.
    if (proxy === undefined && known?.proxy !== undefined) return known;
    const view = proxy === undefined ? undefined : plane.assembly?.views.get(proxy.mesh);
    const made: Known = { at: now, proxy, view, served: new Map() };
    this.#known.delete(workload);
    if (this.#known.size >= PROXIES) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(workload, made);
    return made;
  }
}

function atPort(view: MeshView | undefined, service: string, port: number | undefined): Addressed | undefined {
  const stated = port ?? view?.service.get(service)?.ports[0]?.port;
  return stated === undefined ? undefined : { service, port: stated, gateway: false };
}

/** By the host that a caller of the forward proxy named: `orders`, `orders.shop`, `orders.shop.svc...`, with a port or port 80. */
function named(view: MeshView | undefined, proxy: Proxy, authority: string): Addressed | undefined {
  const [, host = '', port = '80'] = /^([^:]*)(?::(\d+))?$/.exec(authority.toLowerCase()) ?? [];
  const [name = '', namespace = proxy.workloads[0]?.split('/')[0] ?? ''] = host.split('.');
  const service = `${namespace}/${name}`;
  return view?.service.get(service)?.ports.some((one) => one.port === Number(port)) === true
    ? { service, port: Number(port), gateway: false }
    : undefined;
}

/** A service port behind which the workload stands with that port of its proxy: the one that the caller named, if there are several. */
function servedAt(view: MeshView | undefined, workload: string, { port, authority }: TapRecord): Addressed | undefined {
  if (view === undefined) return undefined;
  const stands = (row: EndpointRow): boolean => row.workload === workload && row.port === port;
  // Also where only load balancers reach it, by PROXY headers.
  const found = [
    ...[...view.endpoints].filter(([, rows]) => rows.some(stands)),
    ...[...view.balanced].filter(([, rows]) => rows.some(({ endpoint }) => stands(endpoint))),
  ].map(([key]) => parsePortKey(key));
  const said = found.find(({ service }) => authority.startsWith(service.slice(service.indexOf('/') + 1)));
  const chosen = said ?? found.find(({ service }) => view.service.get(service)?.subsetOf === undefined) ?? found[0];
  return chosen === undefined ? undefined : { service: chosen.service, port: chosen.port, gateway: false };
}
