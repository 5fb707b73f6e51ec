/**
 * What the Mesh says of tracing, as every connection manager of a proxy has it, and the collector's cluster. Names of spans and attributes follow
 * OpenTelemetry's conventions for HTTP; whose spans they are is told by the process itself (OTEL_RESOURCE_ATTRIBUTES), so that proxies share rows.
 */
import { AGENT_CLUSTER } from '@weft/core/agent-api';
import type { Diagnostic } from '@weft/core/kernel';
import { namespaceOf, ONLY, type Proxy, type TracingRow, type ViewReader } from '@weft/core/mesh-view';
import {
  type Cluster,
  type CustomTag,
  type FilterChain,
  type Fraction,
  type Listener,
  type TraceSampler,
  type Tracing,
} from '@weft/core/proxy-config';
import { authorityOf, collectorCluster, exporterTo } from './collector.ts';
import { unsupportedByEngine } from '../findings.ts';
import { TRACING_NAME } from '../names.ts';
import type { EngineName } from '../profiles.ts';

const MAX_PATH = 256;
const WAITING_SPANS = 2048;
const MILLION = 1_000_000;

const format = (name: string, text: string): CustomTag => ({ name, value: { kind: 'format', format: text } });

/** As far as Envoy's formats can say https://opentelemetry.io/docs/specs/semconv/http/http-spans/; our engine knows them itself (proxy/tracing). */
const HTTP: readonly CustomTag[] = [
  format('http.request.method', '%REQ(:METHOD)%'),
  format('http.response.status_code', '%RESPONSE_CODE%'),
  format('url.path', '%PATH(NQ)%'),
  format('url.scheme', '%REQ(:SCHEME)%'),
  format('server.address', '%REQ(:AUTHORITY)%'),
  format('user_agent.original', '%REQ(USER-AGENT)%'),
];
const OWN: Readonly<Record<Side, readonly CustomTag[]>> = {
  inbound: [format('weft.peer.identity', '%DOWNSTREAM_PEER_URI_SAN%')],
  outbound: [
    format('weft.peer.identity', '%UPSTREAM_PEER_URI_SAN%'),
    format('weft.route', '%ROUTE_NAME%'),
    format('weft.tries', '%UPSTREAM_REQUEST_ATTEMPT_COUNT%'),
  ],
};
const CONVENTIONS: Readonly<Record<Side, readonly CustomTag[]>> = {
  inbound: [
    ...HTTP,
    format('client.address', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'),
    format('network.peer.address', '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%'),
  ],
  outbound: [
    ...HTTP,
    format('network.peer.address', '%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'),
    format('network.peer.port', '%UPSTREAM_REMOTE_PORT%'),
  ],
};

type Side = 'inbound' | 'outbound';

const shareOf = (row: TracingRow, proxy: Proxy): number => {
  const namespace = namespaceOf(proxy.id);
  return (Object.hasOwn(row.namespaces, namespace) ? row.namespaces[namespace] : undefined) ?? row.sampling;
};

const fraction = (percent: number): Fraction => ({
  numerator: Math.round((percent / 100) * MILLION),
  denominator: MILLION,
});

function samplerOf(row: TracingRow, percent: number, engine: EngineName): TraceSampler {
  if (engine !== 'weft') return { kind: 'parent-based', root: { kind: 'trace-id-ratio', fraction: fraction(percent) } };
  const headers = row.headers.toSorted((a, b) => Number(b === 'w3c') - Number(a === 'w3c'));
  return { kind: 'mesh', sampling: percent, rules: row.rules, tail: row.tail, headers };
}

function tracingOf(row: TracingRow, percent: number, side: Side, engine: EngineName): Tracing {
  const zipkin = row.provider === 'zipkin';
  const { path = '' } = row.collector ?? {};
  const authority = row.collector === undefined ? '' : authorityOf(row.collector);
  const cluster = row.collector === undefined ? AGENT_CLUSTER : TRACING_NAME;
  return {
    clientSampling: 100,
    randomSampling: zipkin ? percent : 100,
    overallSampling: 100,
    maxPathTagLength: MAX_PATH,
    customTags: engine === 'weft' && !zipkin ? OWN[side] : [...CONVENTIONS[side], ...OWN[side]],
    spawnUpstreamSpan: false,
    noContextPropagation: false,
    operation: '%REQ(:METHOD)%',
    upstreamOperation: '',
    provider: zipkin
      ? {
          kind: 'zipkin',
          cluster,
          endpoint: path === '' ? '/api/v2/spans' : path,
          hostname: authority,
          traceId128bit: true,
          sharedSpanContext: false,
          w3c: true,
        }
      : {
          kind: 'opentelemetry',
          exporter: exporterTo(cluster, row.collector, row.provider === 'otlp-grpc' ? 'grpc' : 'http', '/v1/traces'),
          serviceName: '',
          detectors: [{ kind: 'environment' }],
          sampler: samplerOf(row, percent, engine),
          maxCacheSize: WAITING_SPANS,
        },
  };
}

/** A listener's traced form, by what is said, while both live. */
const traced = new WeakMap<TracingRow, Map<string, WeakMap<Listener, Listener>>>();

/** Listeners that are equal objects stay so. `own`: percent that a Telemetry asks for. */
export function tracedListeners(
  listeners: ReadonlyMap<string, Listener>,
  row: TracingRow,
  proxy: Proxy,
  own: number | undefined,
): ReadonlyMap<string, Listener> {
  const percent = own ?? shareOf(row, proxy);
  const engine = proxy.engine.name;
  const kinds = traced.get(row) ?? new Map<string, WeakMap<Listener, Listener>>();
  traced.set(row, kinds);
  const key = `${engine} ${percent}`;
  const known = kinds.get(key) ?? new WeakMap<Listener, Listener>();
  kinds.set(key, known);
  return new Map(
    [...listeners].map(([name, listener]) => {
      const made = known.get(listener) ?? tracedListener(listener, row, percent, engine);
      known.set(listener, made);
      return [name, made];
    }),
  );
}

function tracedListener(listener: Listener, row: TracingRow, percent: number, engine: EngineName): Listener {
  const { direction, filterChains, defaultFilterChain } = listener;
  const tracing = tracingOf(row, percent, direction === 'outbound' ? 'outbound' : 'inbound', engine);
  const chain = (one: FilterChain): FilterChain => {
    const { terminal } = one;
    if (terminal.kind === 'tcp-proxy') return one;
    const manager = { ...terminal.manager, tracing };
    return {
      ...one,
      terminal: {
        ...terminal,
        manager: row.provider === 'zipkin' ? manager : { ...manager, requestIds: SAMPLED_BY_SAMPLER },
      },
    };
  };
  return {
    ...listener,
    filterChains: filterChains.map(chain),
    defaultFilterChain: defaultFilterChain === undefined ? undefined : chain(defaultFilterChain),
  };
}

const SAMPLED_BY_SAMPLER = { packTraceReason: false, decideSampling: false } as const;

export const tracingOfMesh = (reader: ViewReader): TracingRow | undefined => reader.read('mesh', ONLY)?.tracing;

const collectors = new WeakMap<TracingRow, Cluster>();

/** The collector's, of one row always the same object; undefined: spans go to the agent. */
export function tracingCluster(row: TracingRow): Cluster | undefined {
  const known = collectors.get(row);
  if (known !== undefined || row.collector === undefined) return known;
  const made = collectorCluster(TRACING_NAME, row.collector, row.provider === 'otlp-grpc');
  collectors.set(row, made);
  return made;
}

/** What Envoy's tracer cannot do of it. */
export function tracingFindings(reader: ViewReader, engine: EngineName): Diagnostic[] {
  const mesh = reader.read('mesh', ONLY);
  const row = mesh?.tracing;
  if (mesh === undefined || row === undefined || engine !== 'envoy') return [];
  const at = (field: string, what: string): Diagnostic =>
    unsupportedByEngine(
      engine,
      `${mesh.source}#spec.tracing.${field}`,
      what,
      `run these proxies with \`--engine weft\`, or take it out`,
    );
  return [
    ...(row.rules.length > 0 ? [at('rules', 'sample by rules: the common share holds')] : []),
    ...(row.tail === undefined ? [] : [at('tail', 'keep spans for how their request ended')]),
    ...(row.headers.length > 1 || row.headers[0] !== 'w3c'
      ? [at('headers', "read or write other headers than W3C's")]
      : []),
  ];
}
