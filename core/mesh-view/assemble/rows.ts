/** Objects that become one row each. */
import { identityOf } from '../../identity/index.ts';
import { parseDuration, parseIp } from '../../kernel/index.ts';
import {
  DEFAULT_MESH,
  DEFAULT_TRUST_DOMAIN,
  objectName,
  protocolOfPort,
  type Mesh,
  type Namespace,
  type Service,
  type Workload,
} from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import { keyOf } from './objects.ts';
import { accessLogRow, collectorRow, metricsRow } from './telemetry.ts';
import type { MeshRow, MtlsMode, NamespaceRow, ServiceRow, TracingRow, WorkloadRow } from '../rows.ts';

export const MTLS_MODES: Readonly<Record<'Strict' | 'Permissive' | 'Disabled', MtlsMode>> = {
  Strict: 'strict',
  Permissive: 'permissive',
  Disabled: 'disabled',
};
const ALLOW = { Allow: 'allow', Deny: 'deny' } as const;

export const meshRow = ({ metadata: { name }, spec }: Mesh): MeshRow => ({
  name,
  trustDomain: spec.trustDomain,
  mtls: MTLS_MODES[spec.mtls.mode],
  access: ALLOW[spec.access.default],
  accessIn: Object.fromEntries(Object.entries(spec.access.namespaces).map(([name, own]) => [name, ALLOW[own.default]])),
  egress: ALLOW[spec.egress.mode],
  defaults: spec.defaults ?? {},
  limiter:
    spec.limiter === undefined
      ? undefined
      : { service: objectKey(spec.limiter.namespace, spec.limiter.name), port: spec.limiter.port },
  tracing: spec.tracing === undefined ? undefined : tracingRow(spec.tracing),
  metrics: spec.metrics?.otlp === undefined ? undefined : metricsRow(spec.metrics.otlp),
  accessLogs: spec.accessLogs.map((log, index) => accessLogRow(log, String(index))),
  federated: spec.federation.map(({ trustDomain }) => trustDomain),
  source: objectName('Mesh', '', name),
});

const PORTS = { 'otlp-grpc': 4317, 'otlp-http': 4318, zipkin: 9411 } as const;
const HEADERS = { W3C: 'w3c', B3: 'b3', B3Single: 'b3-single', Jaeger: 'jaeger', Datadog: 'datadog' } as const;

function tracingRow(spec: NonNullable<Mesh['spec']['tracing']>): TracingRow {
  const provider = spec.provider === 'Zipkin' ? 'zipkin' : spec.protocol === 'Grpc' ? 'otlp-grpc' : 'otlp-http';
  return {
    collector: collectorRow(spec, PORTS[provider]),
    provider,
    sampling: Number(spec.sampling),
    namespaces: Object.fromEntries(
      Object.entries(spec.namespaces).map(([name, { sampling }]) => [name, Number(sampling)]),
    ),
    rules: spec.rules.map(({ service, pathPrefix = '', header, sampling }) => ({
      namespace: service?.namespace ?? '',
      service: service?.name ?? '',
      pathPrefix,
      header: header === undefined ? undefined : { name: header.name.toLowerCase(), value: header.value },
      sampling: Number(sampling),
    })),
    tail:
      spec.tail === undefined
        ? undefined
        : {
            errors: spec.tail.errors,
            slowerThan: spec.tail.slowerThan === undefined ? 0 : (parseDuration(spec.tail.slowerThan) ?? 0),
          },
    headers: spec.headers.map((name) => HEADERS[name]),
  };
}

/** The mesh that is there without an object: files are checked offline against it. */
export const IMPLIED_MESH: MeshRow = {
  name: DEFAULT_MESH,
  trustDomain: DEFAULT_TRUST_DOMAIN,
  mtls: 'strict',
  access: 'allow',
  accessIn: {},
  egress: 'deny',
  defaults: {},
  limiter: undefined,
  tracing: undefined,
  metrics: undefined,
  accessLogs: [],
  federated: [],
  source: objectName('Mesh', '', DEFAULT_MESH),
};

export const namespaceRow = ({ metadata: { name, labels } }: Namespace): NamespaceRow => ({ name, labels });

export function serviceRow(service: Service): ServiceRow {
  const { namespace, name } = service.metadata;
  const source = objectName('Service', namespace, name);
  const { clusterIP, ports } = service.spec;
  const address = clusterIP === undefined ? undefined : parseIp(clusterIP);
  return {
    key: keyOf(service),
    namespace,
    name,
    ports: ports
      .map((port, index) => {
        const protocol = protocolOfPort(port);
        return {
          name: port.name ?? protocol,
          port: port.port,
          protocol,
          target: port.targetPort,
          source: `${source}#spec.ports[${index}]`,
        };
      })
      .sort((a, b) => a.port - b.port),
    addresses: address === undefined ? [] : [address],
    source,
  };
}

export function workloadRow(workload: Workload, trustDomain: string): WorkloadRow {
  const { namespace, name, labels } = workload.metadata;
  const { addresses, ports, account, locality } = workload.spec;
  return {
    key: keyOf(workload),
    namespace,
    name,
    addresses: addresses.flatMap(({ ip, network }) => {
      const parsed = parseIp(ip);
      return parsed === undefined ? [] : [{ ip: parsed, network }];
    }),
    ports: ports.map((port) => ({
      name: port.name,
      port: port.port,
      protocol: port.protocol,
      proxyPort: port.proxyPort ?? 0,
    })),
    identity: identityOf(trustDomain, namespace, account),
    app: labels['app'] ?? '',
    version: labels['version'] ?? '',
    locality: { region: locality.region, zone: locality.zone, subZone: locality.subZone },
    source: objectName('Workload', namespace, name),
  };
}
