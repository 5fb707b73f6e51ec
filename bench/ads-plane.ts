/**
 * The source of `ads-scale.ts --source plane`: objects in a store, assembled and compiled as in the running control plane, so that a change
 * is a write and everything between the write and the push counts.
 */
import { Plane } from '@weft/control/plane';
import { memoryStore } from '@weft/control/store/memory';
import type { Change } from '@weft/control/store';
import type { MonotonicClock } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import { admitObject, keyOf, type StoredObject } from '@weft/core/resources';

/** The forward proxy's route table: a proxy that has one sees every service. */
export const PLANE_ROUTES = ['outbound/http-proxy'];
const FORWARD_PROXY_PORT = 15_080;
const AUTHOR = 'bench';

export interface PlaneSize {
  readonly services: number;
  readonly endpointsEach: number;
}

const admitted = (value: unknown): StoredObject => {
  const { object, diagnostics } = admitObject(value);
  if (object === undefined) throw new Error(JSON.stringify(diagnostics));
  return object;
};

const workload = (service: number, each: number, revision: number): StoredObject =>
  admitted({
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Workload',
    metadata: { name: `service-${service}-${each}`, namespace: 'shop', labels: { app: `service-${service}` } },
    spec: {
      account: `service-${service}`,
      addresses: [{ ip: `10.${(service >> 8) & 255}.${service & 255}.${each + 1}` }],
      ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 15_000 + (revision % 1000) }],
    },
  });

const service = (index: number): StoredObject =>
  admitted({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${index}`, namespace: 'shop' },
    spec: { selector: { app: `service-${index}` }, ports: [{ name: 'http', port: 8080, appProtocol: 'http' }] },
  });

export class PlaneSource {
  readonly plane: Plane;
  readonly #store = memoryStore();
  readonly #size: PlaneSize;

  constructor(size: PlaneSize, clock: MonotonicClock) {
    this.#size = size;
    this.plane = new Plane({
      store: this.#store,
      liveness: () => new Map(),
      clock,
      defer: (run) => void setImmediate(run),
    });
  }

  async start(): Promise<void> {
    await this.#store.start();
    const objects = [
      admitted({
        apiVersion: 'weft.dev/v1alpha1',
        kind: 'Mesh',
        metadata: { name: 'default' },
        spec: { trustDomain: 'weft.local' },
      }),
      admitted({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }),
    ];
    for (let index = 0; index < this.#size.services; index += 1) {
      objects.push(service(index));
      for (let each = 0; each < this.#size.endpointsEach; each += 1) objects.push(workload(index, each, 0));
    }
    await this.#write(objects);
    const failed = await this.plane.start();
    if (failed !== undefined) throw new Error(failed.message);
  }

  /** Of stream number `index`: one of the workloads, with a listener of its own and the forward proxy. */
  proxy(id: string, index: number): Proxy {
    const { services, endpointsEach } = this.#size;
    const key = `shop/service-${index % services}-${Math.floor(index / services) % endpointsEach}`;
    return {
      id,
      role: 'sidecar',
      engine: { name: 'weft', version: '0.1.0', features: [] },
      mesh: 'default',
      workloads: [key],
      network: '',
      locality: { region: '', zone: '', subZone: '' },
      upstreams: [],
      httpProxyPort: FORWARD_PROXY_PORT,
      gateway: '',
    };
  }

  /** One endpoint moves to another port; resolves when its streams have been handed the change. */
  async change(index: number, revision: number): Promise<void> {
    await this.#write([workload(index, revision % this.#size.endpointsEach, revision)]);
    await this.plane.settled();
  }

  stop(): void {
    this.plane.stop();
  }

  async #write(objects: readonly StoredObject[]): Promise<void> {
    const changes = objects.map((object): Change => ({ key: keyOf(object), object }));
    const written = await this.#store.write(AUTHOR, changes);
    if (!written.ok) throw new Error(written.error.message);
  }
}
