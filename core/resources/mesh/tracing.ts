/** spec.tracing of a Mesh: which requests are traced, and where their spans go. */
import { dnsLabel, dnsSubdomain, duration, percentage } from '../schema/formats.ts';
import { array, boolean, defaulted, map, object, oneOf, optional, required, string } from '../schema/schema.ts';
import { caCertificates, checkCollector, collectorUrl } from './collector.ts';

const rule = object(
  {
    service: optional(
      object({
        namespace: optional(string({ format: dnsLabel }), 'Its namespace. Absent: any.'),
        name: required(string({ format: dnsSubdomain }), 'The Service that is called.'),
      }),
      'Requests to this Service. Absent: to any.',
    ),
    pathPrefix: optional(string({ maxLength: 1024 }), 'Requests whose path begins with it.'),
    header: optional(
      object({
        name: required(string({ maxLength: 256 }), 'Name, in any case.'),
        value: optional(string({ maxLength: 1024 }), 'Its whole value. Absent: any.'),
      }),
      'Requests with this header.',
    ),
    sampling: required(string({ format: percentage }), 'Percent of them that are traced.'),
  },
  ({ service, pathPrefix, header }, report) => {
    if (service === undefined && pathPrefix === undefined && header === undefined)
      report(
        [],
        'missing-field',
        'says nothing of the requests it is about',
        'add `service`, `pathPrefix` or `header`',
      );
  },
);

export const tracing = object(
  {
    endpoint: optional(
      string({ format: collectorUrl }),
      'The collector. Without a port: 4317 for `Otlp` over gRPC, 4318 over HTTP, 9411 for `Zipkin`. Absent: the control plane itself, which keeps the last hour for `weft traces`.',
    ),
    caCertificates,
    provider: defaulted(oneOf(['Otlp', 'Zipkin']), 'Otlp', 'What the collector speaks. `Zipkin`: its JSON, version 2.'),
    protocol: defaulted(
      oneOf(['Grpc', 'Http']),
      'Grpc',
      'What carries `Otlp`; over HTTP the path is `/v1/traces` unless the endpoint has one.',
    ),
    sampling: defaulted(
      string({ format: percentage }),
      '1',
      'Percent of the requests that are traced, decided where a trace begins; every proxy behind it follows.',
    ),
    namespaces: defaulted(
      map(object({ sampling: required(string({ format: percentage }), 'Percent of the requests that are traced.') }), {
        keys: dnsLabel,
        maxEntries: 256,
      }),
      {},
      'Another share for traces that begin at workloads of these namespaces.',
    ),
    rules: defaulted(
      array(rule, { maxItems: 32 }),
      [],
      'Other shares for some requests; the first rule that is about one counts. Weft’s engine alone.',
    ),
    tail: optional(
      object(
        {
          errors: defaulted(boolean(), true, 'Requests that fail (no answer, 5xx, an error of gRPC’s server side).'),
          slowerThan: optional(string({ format: duration }), 'Requests that take longer.'),
        },
        ({ errors, slowerThan }, report) => {
          if (!errors && slowerThan === undefined)
            report([], 'missing-field', 'keeps no request', 'add `slowerThan`, or leave `errors` out');
        },
      ),
      'Requests whose spans are kept although chance said no, known when they end. A span of theirs may name a parent that nobody kept. Weft’s engine alone.',
    ),
    headers: defaulted(
      array(oneOf(['W3C', 'B3', 'B3Single', 'Jaeger', 'Datadog']), { minItems: 1, maxItems: 5, uniqueBy: 'item' }),
      ['W3C'],
      'In which headers the trace travels, read in this order but W3C before all, all of them written. Other ones than W3C: Weft’s engine alone; `Zipkin` has B3’s.',
    ),
  },
  ({ endpoint, caCertificates: pem, provider, protocol, rules, tail, headers }, report) => {
    checkCollector({ endpoint, caCertificates: pem }, report);
    if (endpoint === undefined && (provider !== 'Otlp' || protocol !== 'Grpc'))
      report(['endpoint'], 'missing-field', 'the control plane takes `Otlp` over `Grpc` alone', 'name a collector');
    if (provider !== 'Zipkin') return;
    const only = 'is said to collectors of `Otlp` alone';
    if (rules.length > 0) report(['rules'], 'invalid-value', only, 'take them out, or write `provider: Otlp`');
    if (tail !== undefined) report(['tail'], 'invalid-value', only, 'take it out, or write `provider: Otlp`');
    if (headers.length > 1 || headers[0] !== 'W3C')
      report(['headers'], 'invalid-value', only, 'take it out: B3’s headers are read and written');
  },
);
