/** Arbitrary tracing of connection managers and routes. */
import type {
  CustomTag,
  Fraction,
  ResourceDetector,
  RouteTracing,
  TagValue,
  TraceSampler,
  Tracing,
  TracingProvider,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { AGENT_CLUSTER } from '@weft/core/agent-api';
import { grpcService } from './services.ts';
import { type Arb, few, flag, headerName, maybe, name, percent, record, text } from './values.ts';

const share: Arb<Fraction> = record({
  numerator: fc.constantFrom(0, 5, 100),
  denominator: fc.constantFrom(100 as const, 10_000 as const),
});
const fallback = fc.constantFrom('', 'unset');
const tagValue: Arb<TagValue> = fc.oneof(
  record({ kind: fc.constant('literal' as const), value: text }),
  record({ kind: fc.constant('environment' as const), name: text, fallback }),
  record({ kind: fc.constant('request-header' as const), name: headerName, fallback }),
  record({
    kind: fc.constant('metadata' as const),
    of: fc.constantFrom('request', 'route', 'cluster', 'host'),
    namespace: name,
    path: fc.array(name, { minLength: 1, maxLength: 2 }),
    fallback,
  }),
  record({ kind: fc.constant('format' as const), format: fc.constantFrom('%REQ(:METHOD)%', 'x') }),
);

const customTags: Arb<readonly CustomTag[]> = fc.uniqueArray(record({ name, value: tagValue }), {
  selector: (tag) => tag.name,
  maxLength: 2,
});

const { sampler } = fc.letrec<{ sampler: TraceSampler }>((tie) => ({
  sampler: fc.oneof(
    { maxDepth: 2 },
    record({ kind: fc.constant('always-on' as const) }),
    record({ kind: fc.constant('trace-id-ratio' as const), fraction: share }),
    record({ kind: fc.constant('parent-based' as const), root: tie('sampler') }),
  ),
}));

const detector: Arb<ResourceDetector> = fc.oneof(
  record({ kind: fc.constant('environment' as const) }),
  record({
    kind: fc.constant('static' as const),
    attributes: fc
      .uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, minLength: 1, maxLength: 2 })
      .map((pairs) => pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }),
);

/** One that every bootstrap of Envoy has here: it looks for the cluster when it starts. */
const cluster = fc.constant(AGENT_CLUSTER);
const provider: Arb<TracingProvider> = fc.oneof(
  record({
    kind: fc.constant('opentelemetry' as const),
    exporter: fc.oneof(
      record({
        kind: fc.constant('grpc' as const),
        service: grpcService.map((service) => ({ ...service, cluster: AGENT_CLUSTER })),
      }),
      record({
        kind: fc.constant('http' as const),
        service: record({ uri: fc.constant('http://h/v1/traces'), cluster, timeout: fc.constant(250) }),
        headers: few(fc.tuple(headerName, text), 1),
      }),
    ),
    serviceName: fc.constantFrom('', 'shop'),
    detectors: few(detector),
    sampler: maybe(sampler),
    maxCacheSize: fc.constantFrom(1024, 7),
  }),
  record({
    kind: fc.constant('zipkin' as const),
    cluster,
    endpoint: fc.constant('/api/v2/spans'),
    hostname: fc.constantFrom('', 'zipkin'),
    traceId128bit: flag,
    sharedSpanContext: flag,
    w3c: flag,
  }),
) as Arb<TracingProvider>;

export const tracing: Arb<Tracing> = record({
  clientSampling: percent,
  randomSampling: percent,
  overallSampling: percent,
  maxPathTagLength: fc.constantFrom(256, 9),
  customTags,
  spawnUpstreamSpan: flag,
  noContextPropagation: flag,
  operation: fc.constantFrom('', '%REQ(:PATH)%'),
  upstreamOperation: fc.constantFrom('', 'x'),
  provider: maybe(provider),
});

export const routeTracing: Arb<RouteTracing> = record({
  clientSampling: share,
  randomSampling: share,
  overallSampling: share,
  customTags,
  operation: fc.constantFrom('', '%REQ(:PATH)%'),
  upstreamOperation: fc.constantFrom('', 'x'),
});
