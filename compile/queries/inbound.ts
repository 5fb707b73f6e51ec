/** The called side of a sidecar: one listener for each port of its workloads, who may pass, and the application behind it. */
import { formatIp } from '@weft/core/kernel';
import {
  askedPort,
  limiterOf,
  ONLY,
  providersOf,
  workloadPortKey,
  type WorkloadPortRow,
  type WorkloadRow,
} from '@weft/core/mesh-view';
import type { FilterChain, Listener, RouteConfiguration, SocketAddress, TerminalFilter } from '@weft/core/proxy-config';
import { ofRequests } from '../behaviours/detection/index.ts';
import { BEHAVIOURS, type InboundInput } from '../behaviours/index.ts';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import type { Query } from '../incremental/query.ts';
import { inboundName } from '../names.ts';
import { routesRequests, type EngineName } from '../profiles.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, listener, tcp } from './listener.ts';
import { NO_ANSWERS_OF_OTHERS } from './own-answers.ts';
import { forwardTo, routeConfiguration, virtualHost } from './routes.ts';

export interface InboundOf {
  /** Key of the workload. */
  readonly workload: string;
  readonly engine: EngineName;
}

/** Ports without a sidecar's port have no listener. */
export const inboundListeners: Query<InboundOf, readonly Listener[]> = {
  name: 'inbound-listeners',
  keyOf: ({ workload, engine }) => `${engine} ${workload}`,
  compute(context, { workload: key, engine }) {
    const mesh = context.read('mesh', ONLY);
    const workload = context.read('workload', key);
    if (mesh === undefined || workload === undefined) return [];
    const access = context.read('accessPolicies', key) ?? [];
    const providers = providersOf(context, access);
    const guests = context.read('guests', key) ?? [];
    return workload.ports.flatMap((port) => {
      if (port.proxyPort === 0) return [];
      const at = workloadPortKey(key, port.port);
      const limit = context.read('arrivalLimit', at);
      const limiter = limit === undefined ? undefined : limiterOf(context, limit);
      const tokens = context.read('arrivalTokens', at);
      const mtls = context.read('arrivalMtls', at)?.mode ?? mesh.mtls;
      const headers = context.read('arrivalHeaders', at);
      const bounds = context.read('arrivalBounds', at);
      const row = context.read('arrivalProcessor', at);
      const processor = row === undefined ? undefined : { row, port: askedPort(context, row) };
      const asked = { providers, limit, limiter, processor };
      const seen = { mtls, access, guests, tokens, headers, bounds };
      return [inboundListener({ engine, mesh, workload, port, ...seen, ...asked })];
    });
  },
};

function inboundListener(input: InboundInput): Listener {
  const { workload, port, engine } = input;
  const name = inboundName(port.port);
  const base = chain(name, terminal(name, port, engine), workload.source);
  const bases = port.protocol === 'auto' ? [ofRequests(base), ...opaque(input)] : [base];
  const finished = bases.map((one) =>
    BEHAVIOURS.reduce((sum, behaviour) => behaviour.inboundChain?.(sum, input) ?? sum, one),
  );
  const made = listener({
    name,
    addresses: ownAddresses(workload, port.proxyPort),
    direction: 'inbound',
    chains: finished,
    source: workload.source,
  });
  return BEHAVIOURS.reduce((sum, behaviour) => behaviour.inboundListener?.(sum, input) ?? sum, made);
}

/** Fails closed: about a connection that carries no requests nobody can ask for tokens, or show it to an Extension. */
const opaque = ({ workload, port, tokens, processor }: InboundInput): FilterChain[] => {
  const name = inboundName(port.port);
  return tokens !== undefined || processor !== undefined
    ? []
    : [chain(`${name}/opaque`, tcp(name, { kind: 'cluster', cluster: name }), workload.source)];
};

/** The workload's own addresses only: a workload on loopback is not offered to the network. */
export function ownAddresses(workload: WorkloadRow, port: number): [SocketAddress, ...SocketAddress[]] {
  const [first = '127.0.0.1', ...others] = new Set(workload.addresses.map((address) => formatIp(address.ip)));
  const at = (ip: string): SocketAddress => ({ kind: 'ip', ip, port });
  return [at(first), ...others.map(at)];
}

const terminal = (name: string, port: WorkloadPortRow, engine: EngineName): TerminalFilter =>
  routesRequests(engine, port.protocol)
    ? http(
        httpManager({
          statPrefix: name,
          direction: 'inbound',
          routes: { kind: 'inline', configuration: inboundRoutes(name) },
        }),
      )
    : tcp(name, { kind: 'cluster', cluster: name });

/** Everything to the application; time limits and retries are the caller's. */
const inboundRoutes = (name: string): RouteConfiguration => ({
  ...routeConfiguration(name, [
    virtualHost(
      name,
      ['*'],
      [
        {
          name,
          statPrefix: '',
          match: {
            path: { kind: 'prefix', value: '/', ignoreCase: false },
            headers: [],
            queryParameters: [],
            cookies: [],
            tls: undefined,
            dynamicMetadata: [],
            grpc: false,
            fraction: undefined,
          },
          action: { ...forwardTo(name), retryPolicy: undefined },
          headers: NO_MUTATIONS,
          filterOverrides: [],
          metadata: [],
          source: undefined,
        },
      ],
    ),
  ]),
  headers: NO_ANSWERS_OF_OTHERS,
});
