/**
 * The rows of a MeshView: one mesh's objects, normalised. References are resolved, defaults are filled in, addresses are parsed, and
 * nothing is kept that must not cause a push (resource versions, annotations, comments). Rows are deeply immutable; an unchanged
 * object keeps its row object from one view to the next.
 */
import type { IpAddress } from '../kernel/index.ts';
import type { CollectorAddress, TlsOptions } from '../resources/index.ts';
import type { TraceHeaders, TraceRule, TraceTail } from '../proxy-config/index.ts';
import type { ConditionsRow } from './conditions.ts';
import type { TrafficConf } from './conf.ts';
import type { ThroughRow } from './egress-rows.ts';
import type { AskRow } from './policy-rows.ts';

/** What a port speaks. `http` is HTTP/1.1, `http2` HTTP/2 without TLS of its own, `tcp` anything over TCP, `udp` datagrams; `auto`: requests or anything else, each connection as it begins. */
export type Protocol = 'http' | 'http2' | 'grpc' | 'tcp' | 'udp' | 'auto';

/** `disabled`: plaintext; `permissive`: sidecars take both; `strict`: mutual TLS only. */
export type MtlsMode = 'disabled' | 'permissive' | 'strict';

export interface MeshRow {
  readonly name: string;
  /** SPIFFE trust domain. */
  readonly trustDomain: string;
  /** Where no Authentication says otherwise. */
  readonly mtls: MtlsMode;
  /** What holds for a workload that no ALLOW policy is about; of a namespace: `accessDefault`. */
  readonly access: 'allow' | 'deny';
  /** By namespace, where it is not as `access`. */
  readonly accessIn: Readonly<Record<string, 'allow' | 'deny'>>;
  /** Whether the HTTP forward proxy connects to hosts that are no service of the mesh. */
  readonly egress: 'allow' | 'deny';
  /** What holds for every service of the mesh where no TrafficPolicy says otherwise. */
  readonly defaults: TrafficConf;
  /** Who counts for RateLimits that name nobody. */
  readonly limiter: ServiceReference | undefined;
  /** undefined: nothing is traced. */
  readonly tracing: TracingRow | undefined;
  /** Foreign trust domains that services may be exported to. */
  readonly federated: readonly string[];
  /** Where its metrics are pushed to; undefined: nowhere. */
  readonly metrics: MetricsRow | undefined;
  readonly accessLogs: readonly AccessLogRow[];
  /** `Mesh/name` */
  readonly source: string;
}

/** Somebody who takes telemetry; `roots`: PEM, '' stands for the system's where it is called over TLS. */
export interface CollectorRow extends CollectorAddress {
  readonly roots: string;
}

export interface MetricsRow {
  readonly collector: CollectorRow;
  readonly protocol: 'grpc' | 'http';
  /** ms between two pushes. */
  readonly interval: number;
  readonly temporality: 'cumulative' | 'delta';
  readonly histograms: 'explicit' | 'exponential';
  readonly resourceAttributes: Readonly<Record<string, string>>;
}

export interface AccessLogRow {
  /** Its place in the Mesh, from 0, or `namespace/name/place` of a Telemetry: what is named after it keeps its name whoever writes it. */
  readonly id: string;
  /** Of which workloads' proxies; undefined: all. */
  readonly workloads: LoggedWorkloads | undefined;
  /** undefined: both. */
  readonly direction: 'inbound' | 'outbound' | undefined;
  readonly sink:
    | { readonly kind: 'stdout' | 'stderr' }
    | { readonly kind: 'file'; readonly path: string }
    | {
        readonly kind: 'otlp';
        readonly collector: CollectorRow;
        readonly protocol: 'grpc' | 'http';
        readonly resourceAttributes: Readonly<Record<string, string>>;
      };
  /** undefined: Envoy's line, unless there are fields. */
  readonly text: string | undefined;
  readonly fields: Readonly<Record<string, string>> | undefined;
  /** Any of it; undefined: all. */
  readonly filter:
    | {
        readonly minStatus: number | undefined;
        /** ms. */
        readonly slowerThan: number | undefined;
        readonly flags: readonly string[] | undefined;
        readonly cel: string | undefined;
      }
    | undefined;
}

export interface LoggedWorkloads {
  /** undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly notNamespaces: readonly string[];
  /** All of them. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface TracingRow {
  /** undefined: the control plane, by way of the agent. */
  readonly collector: CollectorRow | undefined;
  readonly provider: 'otlp-grpc' | 'otlp-http' | 'zipkin';
  /** Percent, and other ones by namespace. */
  readonly sampling: number;
  readonly namespaces: Readonly<Record<string, number>>;
  readonly rules: readonly TraceRule[];
  readonly tail: TraceTail | undefined;
  readonly headers: readonly TraceHeaders[];
}

/** A service that proxies themselves ask; it may not be there. */
export interface ServiceReference {
  /** Key of the service. */
  readonly service: string;
  /** undefined: its only port. */
  readonly port: number | undefined;
}

export interface NamespaceRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ServiceRow {
  /** `namespace/name` */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** In the order of their numbers. */
  readonly ports: readonly ServicePortRow[];
  /** Virtual addresses allotted by the API. */
  readonly addresses: readonly IpAddress[];
  /** A service of another mesh that was exported to this one. Absent: one of this mesh. */
  readonly home?: HomeRow;
  /** An ExternalService: where it is. Absent: a Service of the mesh. */
  readonly external?: ExternalRow;
  /** A Subset: key of the Service that it is a part of. Absent: all of one. */
  readonly subsetOf?: string;
  readonly source: string;
}

/** Where an exported service is: its own mesh says how its workloads are reached and who they are. */
export interface HomeRow {
  readonly mesh: string;
  readonly trustDomain: string;
  readonly mtls: MtlsMode;
}

export interface ExternalRow {
  /** In the object's order; `*.name` is all below one. */
  readonly hosts: readonly string[];
  /** Addresses and ranges that callers may name, as `address/prefix`; ranges of IPv4 only. */
  readonly addresses: readonly string[];
  /** undefined: each host is where DNS says when somebody calls it, each address is its own endpoint. */
  readonly endpoints: readonly ExternalEndpoint[] | undefined;
  /** Its callers' proxies reach it by a Gateway. Absent: by themselves. */
  readonly through?: ThroughRow;
}

/** `host`: a DNS name or an address as text; `port`: undefined, the one callers use. */
export interface ExternalEndpoint {
  readonly host: string;
  readonly isName: boolean;
  readonly port: number | undefined;
}

export interface ServicePortRow {
  /** Never empty: a port without a name is named after its protocol. */
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Which port of a workload it leads to, by number or name; undefined: by name, else by number, else the only one. */
  readonly target: number | string | undefined;
  readonly source: string;
}

export interface WorkloadRow {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** In the object's order; the first is the preferred one of its network. */
  readonly addresses: readonly NetworkAddress[];
  readonly ports: readonly WorkloadPortRow[];
  /** SPIFFE ID of its account in the mesh's trust domain. */
  readonly identity: string;
  readonly app: string;
  readonly version: string;
  readonly locality: Locality;
  readonly source: string;
}

export interface NetworkAddress {
  readonly ip: IpAddress;
  /** '' is the default network. */
  readonly network: string;
}

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

export interface WorkloadPortRow {
  /** Never empty: a port without a name is named after its protocol. */
  readonly name: string;
  /** Where the application listens. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Where its sidecar accepts for it; 0: it has no sidecar. */
  readonly proxyPort: number;
}

/** One workload as an endpoint of one service port: available now (ready, not draining). */
export interface EndpointRow {
  /** Key of the workload. */
  readonly workload: string;
  readonly identity: string;
  readonly app: string;
  readonly version: string;
  readonly locality: Locality;
  readonly addresses: readonly NetworkAddress[];
  /** Where others connect: the sidecar's port, or the application's when it has no sidecar. */
  readonly port: number;
  readonly sidecar: boolean;
  /** What holds at the workload's port. */
  readonly mtls: MtlsMode;
}

/** A backendRef after resolution. */
export type BackendRow =
  | {
      readonly kind: 'service';
      /** Key of the service; `port` is one of its ports. */
      readonly service: string;
      readonly port: number;
      readonly weight: number;
      readonly filters: readonly HttpFilterRow[];
      readonly source: string;
    }
  /** A reference that does not resolve: its share is answered with 500. */
  | { readonly kind: 'broken'; readonly weight: number; readonly source: string };

/** A matcher of text: RE2 syntax for regex, matching the whole value. */
export type TextMatch =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'regex'; readonly regex: string };

export interface NamedMatch {
  /** Header names in lower case. */
  readonly name: string;
  readonly value: TextMatch;
}

/** HTTPRouteMatch; all parts must hold. */
export interface HttpMatchRow {
  readonly path:
    | { readonly kind: 'exact'; readonly value: string; readonly ignoreCase?: true }
    /** By path segments; without a trailing slash except for `/` itself. */
    | { readonly kind: 'prefix'; readonly value: string; readonly ignoreCase?: true }
    | { readonly kind: 'regex'; readonly regex: string; readonly ignoreCase?: true };
  /** '' is any. */
  readonly method: string;
  /** Sorted by name, each name once. */
  readonly headers: readonly NamedMatch[];
  readonly queryParameters: readonly NamedMatch[];
  /** Absent: nothing further. */
  readonly conditions?: ConditionsRow;
}

export interface NameValue {
  readonly name: string;
  readonly value: string;
}

export interface HeaderChange {
  readonly set: readonly NameValue[];
  readonly add: readonly NameValue[];
  readonly remove: readonly string[];
}

export type PathChange =
  | { readonly kind: 'full'; readonly value: string }
  | { readonly kind: 'prefix'; readonly value: string }
  /** Each match of the expression; `\\1` to `\\9` are its groups. */
  | { readonly kind: 'regex'; readonly regex: string; readonly substitution: string };

/** HTTPRouteFilter, core and extended kinds that the schema accepts. */
export type HttpFilterRow =
  | { readonly kind: 'request-headers' | 'response-headers'; readonly change: HeaderChange; readonly source: string }
  | {
      readonly kind: 'redirect';
      readonly scheme: string | undefined;
      readonly hostname: string | undefined;
      readonly port: number | undefined;
      readonly path: PathChange | undefined;
      readonly status: 301 | 302 | 303 | 307 | 308;
      readonly source: string;
    }
  | {
      readonly kind: 'rewrite';
      readonly hostname: string | undefined;
      readonly path: PathChange | undefined;
      readonly source: string;
    }
  /** The proxy answers itself; what it says of the content's type is a change of headers beside it. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly source: string }
  /** Its answer is thrown away; a reference that does not resolve has no row. */
  | {
      readonly kind: 'mirror';
      readonly service: string;
      readonly port: number;
      readonly share: Share;
      readonly source: string;
    }
  | {
      readonly kind: 'cors';
      /** As written: `*`, or origins whose host may begin with `*`. */
      readonly origins: readonly string[];
      readonly methods: readonly string[];
      readonly headers: readonly string[];
      readonly exposed: readonly string[];
      readonly credentials: boolean;
      /** s */
      readonly maxAge: number;
      readonly source: string;
    }
  /** Beside `cors`: expressions of further origins. */
  | { readonly kind: 'cors-origins'; readonly regexes: readonly string[]; readonly source: string }
  /** Of a rule: a service is asked. `filter`: the key of an Extension, or the source of a filter ExternalAuth. */
  | { readonly kind: 'ask'; readonly filter: string; readonly asks: AskRow; readonly source: string }
  /** A filter that is not there: its requests get 500 (Gateway API, HTTPRouteFilter.extensionRef). */
  | { readonly kind: 'missing'; readonly source: string };

/** A part of the requests, as exact as proxies can say it. */
export interface Share {
  readonly numerator: number;
  readonly denominator: 100 | 1_000_000;
}

export interface HttpRuleRow {
  readonly filters: readonly HttpFilterRow[];
  readonly backends: readonly BackendRow[];
  /** ms; 0 switches the time limit off, undefined leaves it to the policies. */
  readonly timeouts: { readonly request: number | undefined; readonly backendRequest: number | undefined };
  readonly retry: RouteRetry | undefined;
  readonly session: SessionRow | undefined;
  /** Target keys of the policies about this rule: the rule, when it has a name, then its route. */
  readonly targets: readonly string[];
  /** `HTTPRoute/ns/name#spec.rules[i]` */
  readonly source: string;
}

/** SessionPersistence */
export interface SessionRow {
  readonly kind: 'cookie' | 'header';
  readonly name: string;
  /** ms; 0: as long as the client's session. */
  readonly ttl: number;
  readonly source: string;
}

/** HTTPRouteRetry */
export interface RouteRetry {
  readonly codes: readonly number[];
  readonly attempts: number;
  /** ms */
  readonly backoff: number | undefined;
}

/** One match of one rule. A table entry lists them by precedence: the first that matches a request decides. */
export interface HttpEntryRow {
  readonly match: HttpMatchRow;
  readonly rule: HttpRuleRow;
  /** `HTTPRoute/ns/name#spec.rules[i].matches[j]`, or the rule's source when it states no match. */
  readonly source: string;
}

export interface TcpRuleRow {
  readonly backends: readonly BackendRow[];
  readonly source: string;
}

/** A Gateway, as far as it can be served: listeners that are in conflict, or lack their certificate, are not here. */
export interface GatewayRow {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly listeners: readonly GatewayListenerRow[];
  /** Of its processes' addresses, those to listen on; empty: all. */
  readonly addresses: readonly IpAddress[];
  /** Key of the Secret with the certificate that services with a BackendTLSPolicy are shown; '': none. */
  readonly backendCertificate: string;
  readonly source: string;
}

export interface GatewayListenerRow {
  /** `namespace/gateway/listener` */
  readonly key: string;
  readonly port: number;
  readonly protocol: 'http' | 'https' | 'tls' | 'passthrough' | 'tcp' | 'udp';
  /** '' is any name. */
  readonly hostname: string;
  /** Keys of Secrets (`namespace/name`); the values are nobody's here. */
  readonly certificates: readonly string[];
  /** Keys of the ConfigMaps whose authorities a client's certificate must come from; empty: none is asked for. */
  readonly clientAuthorities: readonly string[];
  /** Where TLS ends here. */
  readonly tls: TlsOptions;
  readonly source: string;
}

/** What is attached to a listener. */
export interface ListenerRoutesRow {
  /** HTTP and HTTPS: by domain (`*` is any), sorted. */
  readonly hosts: readonly { readonly domain: string; readonly entries: readonly HttpEntryRow[] }[];
  /** TLS: by server name (`*` is any), sorted. TCP and UDP: one, with `*`. */
  readonly streams: readonly { readonly name: string; readonly rule: TcpRuleRow }[];
}

export interface TrafficPolicyRow {
  readonly key: string;
  /** Key of the table `callerConditions`: whose calls it is about. Absent: all. */
  readonly from?: string;
  /** It is of its callers' namespace, about a service of another one. */
  readonly consumer?: true;
  readonly conf: TrafficConf;
  /** Of an XBackendTrafficPolicy, whose conf is empty. */
  readonly retryBudget?: RetryBudgetRow;
  readonly session?: SessionRow;
  /** Of its `arrivals`: what the called side takes. */
  readonly proxyHeaders?: ProxyHeadersRow;
  /** Of its `arrivals`, whatever else they say. */
  readonly bounds?: ArrivalBoundsRow;
  readonly forwardedFor?: ForwardedForRow;
  readonly source: string;
}

/** Which proxies before a Gateway are believed about whom a request is from. */
export interface ForwardedForRow {
  /** CIDR */
  readonly from: readonly string[];
  /** Which entry of x-forwarded-for, from the right, 1 the last; undefined: the last that is none of `from`. */
  readonly hops: number | undefined;
  readonly source: string;
}

/** Who answers in the place of a service port. */
export interface FailoverRow {
  /** Port keys, in their order. */
  readonly to: readonly string[];
  /** `TrafficPolicy/ns/name#spec.failover` */
  readonly source: string;
}

/** What the called side bears; undefined: the default. */
export interface ArrivalBoundsRow {
  readonly connections: number | undefined;
  readonly streams: number | undefined;
  /** ms; 0: no limit. */
  readonly requestHeaders: number | undefined;
  /** `TrafficPolicy/ns/name#spec.arrivals` */
  readonly source: string;
}

export interface ProxyHeadersRow {
  /** CIDR: who may send PROXY headers, and nobody else connect; empty: none are taken. */
  readonly from: readonly string[];
  readonly source: string;
}

/** A workload that stands behind a service port and is no endpoint of it, since its port takes PROXY headers. */
export interface BalancedRow {
  readonly endpoint: EndpointRow;
  readonly headers: ProxyHeadersRow;
}

export interface RetryBudgetRow {
  readonly percent: number;
  readonly minConcurrent: number;
  /** ms */
  readonly interval: number;
  readonly source: string;
}

/** A workload without a sidecar that something says should be guarded: it is left out of the endpoints, and that is reported. */
export interface UnenforcedRow {
  /** `AccessPolicy/ns/name`, or what `accessDefault` names. */
  readonly source: string;
  /** Key of the workload. */
  readonly workload: string;
}
