/** Arbitrary TLS settings and access logs. */
import type {
  AccessLog,
  AccessLogFilter,
  BodyFormat,
  DownstreamTransport,
  JsonFields,
  LogFormat,
  LogValue,
  OtlpLogSink,
  PeerValidation,
  UpstreamTransport,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { metadataMatcher } from './metadata.ts';
import { grpcService, httpService } from './services.ts';
import {
  type Arb,
  few,
  flag,
  fraction,
  headerMatcher,
  headerName,
  maybe,
  name,
  record,
  stringMatcher,
} from './values.ts';

/** Any certificate that can be read. */
const ROOTS = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUAxO3CNz3fZUw5WdWgyXqK/ZL2bMwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFcm9vdHMwIBcNMjYxMTI3MTYxODAyWhgPMjEyNjExMDMxNjE4
MDJaMBAxDjAMBgNVBAMMBXJvb3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
C5yOCqHILvTpt6W6JqT9Bl9/dSJ3B1OoQY9HLnVyl9DdnlR3wpFinsuaGR6hqrs7
3jpsNlvlHqh4b6eR9jC9GKNTMFEwHQYDVR0OBBYEFDhoBbJRHzwvrds1U4FYkyTI
4byKMB8GA1UdIwQYMBaAFDhoBbJRHzwvrds1U4FYkyTI4byKMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhALdbGDHOnABiIn1xxrfaekda6htQzLuC
Bv7TjogYs8sXAiB8otuI54G5ixLC5xoIcFnXuu2sbroEaWvg8C1TBK03mQ==
-----END CERTIFICATE-----
`;

export const sds = { kind: fc.constant('sds' as const), name, sdsCluster: fc.constantFrom(undefined, 'weft_agent') };

export const certificates = fc.oneof(
  fc.tuple(record(sds)),
  fc.tuple(
    record({
      kind: fc.constant('files' as const),
      certificateChain: fc.constant('/etc/weft/chain.pem'),
      privateKey: fc.constant('/etc/weft/key.pem'),
    }),
  ),
);

export const validation: Arb<PeerValidation> = record({
  trust: fc.oneof(
    record(sds),
    record({ kind: fc.constant('file' as const), path: fc.constant('/etc/weft/roots.pem') }),
    record({ kind: fc.constant('inline' as const), pem: fc.constant(ROOTS) }),
  ),
  pins: maybe(fc.constant({ certificates: ['ab'.repeat(32)], publicKeys: [`${'A'.repeat(43)}=`] })),
  crl: fc.constant(undefined),
  subjectAltNames: few(
    record({
      sanType: fc.constantFrom('uri' as const, 'dns' as const, 'email' as const, 'ip' as const),
      matcher: stringMatcher,
    }),
  ),
});

export const tlsCommon = {
  kind: fc.constant('tls' as const),
  alpnProtocols: fc.subarray(['h2', 'http/1.1', 'weft/1']),
  parameters: record({
    minimumVersion: fc.constantFrom('auto' as const, '1.2' as const, '1.3' as const),
    maximumVersion: fc.constantFrom('auto' as const, '1.3' as const),
    cipherSuites: fc.constantFrom([], ['ECDHE-ECDSA-AES128-GCM-SHA256']),
    ecdhCurves: fc.constantFrom([], ['X25519', 'P-256']),
  }),
};

export const downstream: Arb<DownstreamTransport> = fc.oneof(
  fc.constant({ kind: 'plaintext' as const }),
  record({ ...tlsCommon, certificates, validation: maybe(validation), requireClientCertificate: flag }).map((tls) =>
    tls.validation === undefined ? { ...tls, requireClientCertificate: false } : tls,
  ),
);

export const upstream: Arb<UpstreamTransport> = fc.oneof(
  fc.constant({ kind: 'plaintext' as const }),
  record({
    ...tlsCommon,
    certificates: fc.oneof(fc.constant([]), certificates),
    validation: maybe(validation),
    sni: fc.oneof(fc.constant(''), name),
    sniFromEndpoint: flag,
    sanFromSni: flag,
  }).map((made) => (made.validation === undefined ? { ...made, sanFromSni: false } : made)),
) as Arb<UpstreamTransport>;

const stated: Arb<LogFormat> = fc.oneof(
  fc.constant({ kind: 'text' as const, text: '%PROTOCOL% %RESPONSE_CODE%\n' }),
  fc.constant({
    kind: 'json' as const,
    fields: [
      ['code', '%RESPONSE_CODE%'] as const,
      [
        'inner',
        { kind: 'object' as const, fields: [['list', { kind: 'list' as const, items: [1, true, '%PROTOCOL%'] }]] },
      ],
      ['time', '%START_TIME%'] as const,
    ] as JsonFields,
  }),
);

export const bodyFormat: Arb<BodyFormat> = record({
  format: stated,
  contentType: fc.constantFrom('', 'text/html'),
});

const comparison = record({
  op: fc.constantFrom('equal' as const, 'at-least' as const, 'at-most' as const, 'not-equal' as const),
  value: fc.nat(600),
});
const plainFilter: Arb<AccessLogFilter> = fc.oneof(
  record({ kind: fc.constantFrom('status' as const, 'duration' as const), comparison }),
  fc.constant({ kind: 'not-health-check' as const }),
  record({
    kind: fc.constant('cel' as const),
    expression: fc.constantFrom('response.code >= 500', 'request.headers["x"] == "1"'),
  }),
  record({
    kind: fc.constant('log-type' as const),
    types: fc.subarray(['DownstreamEnd', 'TcpConnectionEnd', 'UpstreamEnd']),
    exclude: flag,
  }),
  record({ kind: fc.constant('fraction' as const), fraction }),
  record({ kind: fc.constant('header' as const), header: headerMatcher }),
  record({ kind: fc.constant('response-flag' as const), flags: fc.subarray(['UF', 'NR', 'UH']) }),
  record({
    kind: fc.constant('grpc-status' as const),
    statuses: fc.subarray([0, 14, 16]),
    exclude: flag,
  }),
  record({
    kind: fc.constant('metadata' as const),
    matcher: metadataMatcher.map(({ namespace, path, value }) => ({ namespace, path, value })),
    absent: flag,
  }),
);
export const logFilter: Arb<AccessLogFilter> = fc.oneof(
  plainFilter,
  record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    filters: fc.array(plainFilter, { minLength: 2, maxLength: 3 }),
  }),
);

const serviceLog = fc.constantFrom('http' as const, 'tcp' as const).chain((entries) =>
  record({
    kind: fc.constant('grpc' as const),
    entries: fc.constant(entries),
    service: grpcService.map((service) => ({ ...service, cluster: 'telemetry' })),
    logName: fc.constantFrom('log', 'other'),
    flushInterval: fc.integer({ min: 1, max: 5000 }),
    bufferBytes: fc.constantFrom(0, 1, 16_384),
    requestHeaders: entries === 'http' ? few(headerName) : fc.constant([]),
    responseHeaders: entries === 'http' ? few(headerName) : fc.constant([]),
    responseTrailers: fc.constantFrom<'grpc-status'[]>(...(entries === 'http' ? [[], ['grpc-status' as const]] : [[]])),
  }),
);
const logText = fc.constantFrom('x', '%PROTOCOL%', '%REQ(:METHOD)% %RESPONSE_CODE%');
const { logValue } = fc.letrec<{ logValue: LogValue }>((tie) => ({
  logValue: fc.oneof(
    { maxDepth: 2 },
    logText,
    record({ kind: fc.constant('list' as const), items: few(tie('logValue')) }),
    record({ kind: fc.constant('object' as const), fields: few(fc.tuple(name, tie('logValue'))) }),
  ),
}));
const otlpLog: Arb<OtlpLogSink> = record({
  kind: fc.constant('otlp' as const),
  exporter: fc.oneof(
    record({
      kind: fc.constant('grpc' as const),
      service: grpcService.map((service) => ({ ...service, cluster: 'telemetry' })),
    }),
    record({
      kind: fc.constant('http' as const),
      service: httpService.map((service) => ({ ...service, cluster: 'telemetry' })),
      headers: few(fc.tuple(headerName, fc.constant('v'))),
    }),
  ),
  logName: fc.constantFrom('', 'log'),
  builtinLabels: fc.boolean(),
  detectors: few(fc.constant({ kind: 'environment' as const })),
  resourceAttributes: few(fc.tuple(name, fc.constant('v'))),
  body: maybe(logValue),
  attributes: few(fc.tuple(name, logValue)),
  statPrefix: fc.constantFrom('', 'own'),
  flushInterval: fc.integer({ min: 1, max: 5000 }),
  bufferBytes: fc.constantFrom(1, 16_384),
});
const lineLog: Arb<AccessLog> = record({
  sink: fc.oneof(
    record({ kind: fc.constant('file' as const), path: fc.constant('/dev/null') }),
    fc.constant({ kind: 'stdout' as const }),
    fc.constant({ kind: 'stderr' as const }),
  ),
  format: fc.oneof(fc.constant({ kind: 'default' as const }), stated),
  filter: maybe(logFilter),
});

export const accessLog: Arb<AccessLog> = fc.oneof(
  { weight: 3, arbitrary: lineLog },
  {
    weight: 1,
    arbitrary: record({
      sink: fc.oneof<Arb<AccessLog['sink']>[]>(serviceLog, otlpLog),
      format: fc.constant({ kind: 'default' as const }),
      filter: maybe(logFilter),
    }),
  },
);
