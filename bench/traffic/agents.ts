/**
 * Agents without a proxy: each is a real end of the protocol (join, certificate, lease, Observe and, where it has a connection of its own, ADS).
 * What they count is made up by the benchmark.
 */
import { ControlPlane, type UplinkStream } from '@weft/agent/control-plane';
import { join, RegistrationKey } from '@weft/agent/join';
import { ObserveUplink } from '@weft/agent/observe';
import { issueSvid } from '@weft/agent/svid';
import { AGENT_METHODS, attachUpJson } from '@weft/core/agent-api';
import type { MonotonicClock } from '@weft/core/kernel';
import { type Edge, TrafficTable } from '@weft/core/traffic';
import {
  ADS_STREAM,
  CLUSTER_TYPE,
  decodeDiscoveryResponse,
  encodeDiscoveryRequest,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  NO_NODE,
  ROUTE_TYPE,
} from '@weft/envoy/discovery';

export interface Simulated {
  readonly table: TrafficTable;
  readonly uplink: ObserveUplink;
  /** What it counts. */
  readonly edges: Edge[];
  /** Ends its ADS: before the control plane goes, whose end of a stream is a failure. */
  close(): void;
}

export interface AgentOptions {
  readonly clock: MonotonicClock;
  /** The control plane's Unix socket, and its TLS port. */
  readonly socket: string;
  readonly address: string;
  /** Each has a TLS connection of its own and subscribes by ADS; else those of one call share one of the Unix socket. */
  readonly own: boolean;
  /** Name of the service that an agent belongs to. */
  readonly name: (index: number) => string;
  /** Services that it calls. */
  readonly upstreams: (index: number) => readonly string[];
  /** Every message `taken`. */
  readonly onTaken: () => void;
  /** Configuration came and was acknowledged. */
  readonly onConfigured: () => void;
}

/** Agents of one registration and account, that of the first. */
export async function agents(first: number, count: number, options: AgentOptions): Promise<Simulated[]> {
  const { clock, socket, name } = options;
  const shared = new ControlPlane({ kind: 'unix', path: socket }, '');
  const key = RegistrationKey.make();
  const joined = await join(shared, key, { namespace: 'default', account: name(first) }, undefined);
  if (!joined.ok) throw new Error(joined.error.message);
  const { registration, binding, bundle } = joined.value;
  const connection = async (): Promise<ControlPlane> => {
    if (!options.own) return shared;
    const svid = await issueSvid(shared, key, registration);
    if (!svid.ok) throw new Error(svid.error.message);
    const own = new ControlPlane({ kind: 'tls', address: options.address }, bundle.roots);
    own.setIdentity(svid.value, binding.trustDomain);
    return own;
  };
  return Promise.all(
    Array.from({ length: count }, async (_, each) => {
      const index = first + each;
      const controlPlane = await connection();
      const instance = await lease(controlPlane, registration, name(index));
      const ads = options.own
        ? subscribe(controlPlane, instance, options.upstreams(index), options.onConfigured)
        : undefined;
      const table = new TrafficTable({ clock });
      const uplink = new ObserveUplink({
        clock,
        roll: Math.random,
        epoch: index.toString(16),
        proxy: { take: () => table.take(), tap: () => ({ close: () => undefined }) },
        hello: () => ({ namespace: 'default', name: instance, app: name(index), version: '' }),
        up: () => true,
        open: (handlers) =>
          controlPlane.open(AGENT_METHODS.observe, {
            ...handlers,
            onMessage(bytes) {
              if (bytes.includes('"taken"')) options.onTaken();
              handlers.onMessage(bytes);
            },
          }),
      });
      return { table, uplink, edges: [], close: () => ads?.close() };
    }),
  );
}

function lease(controlPlane: ControlPlane, registration: string, workload: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = controlPlane.open(AGENT_METHODS.attach, {
      onMessage(bytes) {
        const message = JSON.parse(bytes.toString()) as { type: string; name: string };
        if (message.type === 'registered') resolve(message.name);
      },
      onEnd: (error) => reject(new Error(error.message)),
    });
    const hello = attachUpJson({
      type: 'hello',
      registration,
      namespace: 'default',
      workload: {
        name: workload,
        labels: new Map([['app', workload]]),
        addresses: [{ ip: '127.0.0.1', network: '' }],
        ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 15_000 }],
        locality: { region: '', zone: '', subZone: '' },
      },
      service: { name: workload },
      instance: undefined,
      bundle: '',
      readiness: new Map([['http', true]]),
    });
    stream.send(Buffer.from(JSON.stringify(hello)));
  });
}

/** State of the world, each response acknowledged; routes and endpoints by the names that listeners and clusters of the mesh have. */
function subscribe(
  controlPlane: ControlPlane,
  instance: string,
  upstreams: readonly string[],
  onConfigured: () => void,
): UplinkStream {
  const names = upstreams.map((service) => `outbound/default/${service}/8080`);
  const namesOf = (type: string): readonly string[] => (type === ENDPOINT_TYPE || type === ROUTE_TYPE ? names : []);
  const stream = controlPlane.open(ADS_STREAM, {
    onMessage(bytes) {
      const response = decodeDiscoveryResponse(bytes);
      if (!response.ok) throw new Error('undecodable response');
      const { typeUrl, versionInfo, nonce } = response.value;
      say(typeUrl, versionInfo, nonce);
      if (typeUrl === LISTENER_TYPE) onConfigured();
    },
    onEnd: (error) => {
      throw new Error(error.message);
    },
  });
  const say = (typeUrl: string, versionInfo = '', responseNonce = '', node?: typeof NO_NODE): void =>
    stream.send(
      encodeDiscoveryRequest({
        typeUrl,
        versionInfo,
        responseNonce,
        resourceNames: namesOf(typeUrl),
        node,
        error: undefined,
      }),
    );
  const asked = upstreams.map((service, index) => ({ service, localPort: 20_000 + index }));
  say(CLUSTER_TYPE, '', '', {
    ...NO_NODE,
    id: `default/${instance}`,
    userAgent: 'weft',
    metadata: { 'dev.weft': { engine: { name: 'weft', version: '' }, upstreams: asked } },
  });
  for (const type of [ENDPOINT_TYPE, LISTENER_TYPE, ROUTE_TYPE]) say(type);
  return stream;
}
