/**
 * MeshView: everything of one mesh at one instant, as tables by key. What is not in the view cannot leak into a proxy's configuration.
 * A table's value is one row or one index entry; its identity is its version: equal content keeps the same object.
 */
import type {
  AskRow,
  AuthenticationRow,
  BackendTlsRow,
  EnginePatchRow,
  ExposedRow,
  ExtensionRow,
  FaultRow,
  MtlsRow,
  PassedPortRow,
  ProcessorRow,
  RateLimitRow,
  VisibilityRow,
} from './policy-rows.ts';
import type { WorkloadAccessRow } from './access-rows.ts';
import type {
  ArrivalBoundsRow,
  AccessLogRow,
  BalancedRow,
  EndpointRow,
  FailoverRow,
  ForwardedForRow,
  GatewayRow,
  HttpEntryRow,
  ListenerRoutesRow,
  MeshRow,
  NamespaceRow,
  ProxyHeadersRow,
  ServiceRow,
  TcpRuleRow,
  TrafficPolicyRow,
  UnenforcedRow,
  WorkloadRow,
} from './rows.ts';

export interface ViewTables {
  /** The mesh itself, at the key ''. */
  readonly mesh: MeshRow;
  readonly namespace: NamespaceRow;
  /** By `namespace/name`. */
  readonly service: ServiceRow;
  readonly workload: WorkloadRow;
  /** At the key '': addresses of workloads that may be public ones, as `address/prefix`, sorted, each once. Absent: none. */
  readonly ownAddresses: readonly string[];
  /** By workload key: trust domains of other meshes that a service before it is exported to, sorted. Absent: none. */
  readonly guests: readonly string[];
  /** Keys of services in order: of the whole mesh at the key '', of one namespace at its name. */
  readonly catalog: readonly string[];
  /** By workload key: the access logs that its proxy writes. Empty where every log is written by all proxies. */
  readonly accessLogs: readonly AccessLogRow[];
  /** By id: those of Telemetry. */
  readonly accessLog: AccessLogRow;
  /** By workload key: percent of the requests that are traced, where a Telemetry says so. */
  readonly traceShare: number;
  /** By port key: available endpoints, in the order of workload keys. Absent: none. */
  readonly endpoints: readonly EndpointRow[];
  /** By port key: the SPIFFE IDs of the workloads behind it, available or not, sorted, each once. Absent: none. */
  readonly identities: readonly string[];
  /**
   * By port key: keys of the workloads, available or not, whose applications answer callers themselves: no sidecar stands before them, or one
   * that takes the port for opaque TCP, whatever the service says; and those at whose port mutual TLS is off, so that nobody knows who answers.
   * A strict port leaves out who has no sidecar. Absent: none.
   */
  readonly direct: readonly string[];
  /** By port key: workloads that are no endpoints because nothing would enforce the policies about them. Absent: none. */
  readonly unenforced: readonly UnenforcedRow[];
  /** By port key: workloads that only load balancers reach, since their ports take PROXY headers. Absent: none. */
  readonly balanced: readonly BalancedRow[];
  /** By port key: matches of the HTTPRoutes attached to it, by precedence. Absent: no route, the port answers for itself. */
  readonly httpRules: readonly HttpEntryRow[];
  /** By port key: the rule of the TCPRoute attached to it. */
  readonly tcpRule: TcpRuleRow;
  /** By `namespace/name`. Absent: there is none, or it cannot be served at all. */
  readonly gateway: GatewayRow;
  /** By listener key. Absent: nothing is attached. */
  readonly listenerRoutes: ListenerRoutesRow;
  /** By listener key: services that their own server names lead to. Absent: none. */
  readonly listenerServices: readonly PassedPortRow[];
  /** By target key (keys.ts), oldest first. */
  readonly trafficPolicies: readonly TrafficPolicyRow[];
  /** By target key, oldest first: the first counts. */
  readonly faults: readonly FaultRow[];
  readonly rateLimits: readonly RateLimitRow[];
  /** By `namespace/name` of the policy. */
  readonly rateLimit: RateLimitRow;
  /** By `workloadPortKey`: the limit of what arrives there. Absent: none. */
  readonly arrivalLimit: RateLimitRow;
  /** By `workloadPortKey`: which tokens what arrives there must carry. Absent: none. */
  readonly arrivalTokens: AuthenticationRow;
  /** By `workloadPortKey`: whether what arrives there is mutual TLS. Absent: as the mesh says. */
  readonly arrivalMtls: MtlsRow;
  /** By `workloadPortKey`: what is answered to whoever asks. Absent: nothing. */
  readonly arrivalExposed: ExposedRow;
  /** By port key: whether callers use mutual TLS. Absent: as the mesh of the service says. */
  readonly portMtls: MtlsRow;
  /** By `workloadPortKey`: from whom PROXY headers are taken there. Absent: from nobody. */
  readonly arrivalHeaders: ProxyHeadersRow;
  /** By `workloadPortKey`: what it bears. Absent: the defaults. */
  readonly arrivalBounds: ArrivalBoundsRow;
  /** By `workloadPortKey`: who processes what arrives there. Absent: nobody. */
  readonly arrivalProcessor: ProcessorRow;
  /** By `namespace/name`. */
  readonly extension: AskRow;
  /** By the source of a filter ExternalAuth. */
  readonly externalAuth: ExtensionRow;
  /** By workload key, in the order of policy keys. */
  readonly accessPolicies: readonly WorkloadAccessRow[];
  /** By listener key: what is said about whoever enters there. Absent: nothing. */
  readonly edgeAccess: readonly WorkloadAccessRow[];
  readonly edgeTokens: AuthenticationRow;
  readonly edgeLimit: RateLimitRow;
  readonly edgeProcessor: ProcessorRow;
  /** By listener key, the same at all listeners of a port: from whom PROXY headers are taken there. Absent: from nobody. */
  readonly edgeHeaders: ProxyHeadersRow;
  readonly edgeBounds: ArrivalBoundsRow;
  /** In the same way, at listeners of HTTP: whose x-forwarded-for is believed. Absent: nobody’s. */
  readonly edgeForwarded: ForwardedForRow;
  /** By port key: the service ends TLS itself. Absent: it does not. */
  readonly backendTls: BackendTlsRow;
  /** By key of a Gateway’s listener: port keys of the ExternalServices that are reached by it. Absent: none. */
  readonly egress: readonly string[];
  /** By port key: who answers in its place. Absent: nobody. */
  readonly failover: FailoverRow;
  /** By target key of a workload, a namespace or the mesh: key of the Visibility that counts. Absent: none. */
  readonly visibilityOf: string;
  /** By `namespace/name` of the policy. */
  readonly visibility: VisibilityRow;
  /** At the key '': what TrafficPolicies ask about callers, sorted (callers.ts). Absent: nothing. */
  readonly consumers: readonly string[];
  /** By workload key: what HTTPRouteFilters, Faults and TrafficPolicies ask about callers and holds for it, sorted (callers.ts). Absent: nothing. */
  readonly callerConditions: readonly string[];
  /** By workload key: its labels, as far as any `locality` asks about them. Absent: none. */
  readonly localityLabels: Readonly<Record<string, string>>;
  /** By target key of a workload, a namespace, the mesh or a Gateway: in the order in which they are applied. Absent: none. */
  readonly enginePatches: readonly EnginePatchRow[];
}

export type TableName = keyof ViewTables;

export type MeshView = { readonly [T in TableName]: ReadonlyMap<string, ViewTables[T]> };

/** What a query may see of a view. */
export interface ViewReader {
  read<T extends TableName>(table: T, key: string): ViewTables[T] | undefined;
}

export const EMPTY_VIEW: MeshView = {
  mesh: new Map(),
  namespace: new Map(),
  service: new Map(),
  workload: new Map(),
  ownAddresses: new Map(),
  guests: new Map(),
  catalog: new Map(),
  accessLogs: new Map(),
  accessLog: new Map(),
  traceShare: new Map(),
  endpoints: new Map(),
  identities: new Map(),
  direct: new Map(),
  unenforced: new Map(),
  balanced: new Map(),
  httpRules: new Map(),
  tcpRule: new Map(),
  gateway: new Map(),
  listenerRoutes: new Map(),
  egress: new Map(),
  listenerServices: new Map(),
  trafficPolicies: new Map(),
  faults: new Map(),
  rateLimits: new Map(),
  rateLimit: new Map(),
  arrivalLimit: new Map(),
  arrivalTokens: new Map(),
  arrivalMtls: new Map(),
  arrivalExposed: new Map(),
  portMtls: new Map(),
  arrivalHeaders: new Map(),
  arrivalBounds: new Map(),
  arrivalProcessor: new Map(),
  edgeHeaders: new Map(),
  edgeBounds: new Map(),
  edgeForwarded: new Map(),
  extension: new Map(),
  externalAuth: new Map(),
  accessPolicies: new Map(),
  edgeAccess: new Map(),
  edgeTokens: new Map(),
  edgeLimit: new Map(),
  edgeProcessor: new Map(),
  backendTls: new Map(),
  failover: new Map(),
  callerConditions: new Map(),
  consumers: new Map(),
  localityLabels: new Map(),
  visibilityOf: new Map(),
  visibility: new Map(),
  enginePatches: new Map(),
};
