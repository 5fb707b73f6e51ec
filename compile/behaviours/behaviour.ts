/**
 * What a behaviour is: contributions to compiled resources at named places, each `(resource, input) -> resource`, pure and total. A
 * behaviour sees only the input of its place, so that what a resource depends on stays visible. `order.ts` says who comes after whom.
 */
import type { Diagnostic } from '@weft/core/kernel';
import type {
  ArrivalBoundsRow,
  AuthenticationRow,
  BackendTlsRow,
  FailoverRow,
  FaultRow,
  ExternalRow,
  HomeRow,
  HttpMatchRow,
  HttpRuleRow,
  Locality,
  MeshRow,
  MtlsMode,
  ProcessorRow,
  ProxyHeadersRow,
  RateLimitRow,
  RetryBudgetRow,
  Section,
  ServicePortRow,
  SessionRow,
  TrafficConf,
  WorkloadAccessRow,
  WorkloadPortRow,
  WorkloadRow,
} from '@weft/core/mesh-view';
import type { Cluster, DnsCache, EndpointSet, FilterChain, Fraction, Listener, Route } from '@weft/core/proxy-config';
import type { EngineName } from '../profiles.ts';
import type { Providers } from './access/external.ts';
import type { AskedByRoute } from './ask/index.ts';

/** The conf that holds for one service port, merged from all policies that reach it (compile/README.md, "Precedence"). */
export interface EffectiveConf extends TrafficConf {
  /** Source of each section that somebody stated, e.g. `TrafficPolicy/shop/orders#spec.retries`. */
  readonly origins: { readonly [S in Section]?: string };
  /** Of further tries, whichever policy states it; undefined: nobody does. */
  readonly retryBudget?: RetryBudgetRow;
  /** Sessions that stay with an endpoint of the service, by whatever route they come. */
  readonly session?: SessionRow;
}

/** A service port as its callers see it. */
export interface PortInput {
  readonly engine: EngineName;
  readonly mesh: MeshRow;
  /** Key of the service. */
  readonly service: string;
  readonly port: ServicePortRow;
  /** The mesh that the service is in, where it is another one; undefined: this one. */
  readonly home: HomeRow | undefined;
  /** A host outside the mesh; undefined: workloads. */
  readonly external: ExternalRow | undefined;
  /** The service ends TLS itself. */
  readonly backendTls: BackendTlsRow | undefined;
  /** Who answers in its place; undefined: nobody. */
  readonly failover: FailoverRow | undefined;
  /** Mutual TLS with the workloads behind the port. */
  readonly mtls: MtlsMode;
  readonly conf: EffectiveConf;
  /** Requests come over TLS that ends here; at a gateway only. */
  readonly secure?: boolean;
  /** What holds for the callers, of what is asked about them (core/mesh-view/callers.ts); absent: all callers together are meant. */
  readonly callers?: readonly string[];
  /** What holds for them of what TrafficPolicies ask; absent: nothing. */
  readonly consumers?: readonly string[];
  /** At a gateway: target keys of the listener and its Gateway, the more specific first. */
  readonly edge?: readonly string[];
}

/** One route of a service port. What concerns a request as a whole is said by `conf`, that of the service the caller named. */
export interface RouteInput extends PortInput {
  readonly match: HttpMatchRow;
  /** Of the requests that match, those of this route; undefined: all. */
  readonly fraction: Fraction | undefined;
  /** undefined: the port answers for itself, no HTTPRoute is attached. */
  readonly rule: HttpRuleRow | undefined;
  /** What holds for requests of this route, of whoever is the most specific. */
  readonly fault: FaultRow | undefined;
  /** Of the policies about the route itself; those about services act where requests arrive. */
  readonly rateLimit: RateLimitRow | undefined;
  /** Port key of who counts its global limits; undefined: nobody. */
  readonly limiter: string | undefined;
  /** Whom filters of the rule ask. */
  readonly asks: readonly AskedByRoute[];
  /** Whether requests may end at hosts outside the mesh. */
  readonly leaves: boolean;
  /** Whether what an answer says of the proxy that it comes from is that proxy's own word, wherever requests end. */
  readonly peersAnswer: boolean;
  /** The hosts that callers name are resolved on the way; undefined: it is known where they go. */
  readonly namedHosts: DnsCache | undefined;
  /** The confs of the service ports that requests may end at. */
  readonly targets: readonly EffectiveConf[];
}

/** A cluster. What concerns connections is said by `conf`, that of the service they lead to. */
export interface ClusterInput extends PortInput {
  /** Port key. */
  readonly key: string;
  /** SPIFFE IDs of the workloads behind the port. */
  readonly identities: readonly string[];
}

/** The endpoints of a service port, as callers in one place see them. */
export interface EndpointSetInput {
  readonly conf: EffectiveConf;
  /** Where the caller is. */
  readonly locality: Locality;
  /** Of the caller, as far as `locality` asks. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of a workload behind the port, by its key; asked for where `locality` asks. */
  readonly labelsOf: (workload: string) => Readonly<Record<string, string>>;
}

/** A port of a workload that the proxy represents. */
export interface InboundInput {
  readonly engine: EngineName;
  readonly mesh: MeshRow;
  readonly workload: WorkloadRow;
  readonly port: WorkloadPortRow;
  /** What holds at the port. */
  readonly mtls: MtlsMode;
  readonly access: readonly WorkloadAccessRow[];
  /** Whom its policies ask. */
  readonly providers: Providers;
  /** Trust domains of other meshes whose workloads may call. */
  readonly guests: readonly string[];
  /** Which tokens requests must carry. */
  readonly tokens: AuthenticationRow | undefined;
  /** From whom PROXY headers are taken; undefined: from nobody. */
  readonly headers: ProxyHeadersRow | undefined;
  /** What the port bears; undefined: the defaults. */
  readonly bounds: ArrivalBoundsRow | undefined;
  /** Of what arrives at the port. */
  readonly limit: RateLimitRow | undefined;
  /** Port key of who counts its global limits; undefined: nobody. */
  readonly limiter: string | undefined;
  /** Who processes what arrives at the port. `port`: port key; undefined: the service is not there. */
  readonly processor: { readonly row: ProcessorRow; readonly port: string | undefined } | undefined;
}

export interface Behaviour {
  readonly name: string;
  route?(route: Route, input: RouteInput): Route;
  cluster?(cluster: Cluster, input: ClusterInput): Cluster;
  endpointSet?(set: EndpointSet, input: EndpointSetInput): EndpointSet;
  inboundChain?(chain: FilterChain, input: InboundInput): FilterChain;
  /** The whole inbound listener, after its chains. */
  inboundListener?(listener: Listener, input: InboundInput): Listener;
  /** The listener of an upstream request. */
  outboundListener?(listener: Listener, input: PortInput): Listener;
  /** What of `input` the engine cannot do (findings.ts); asked for routes that the engine routes by request. */
  unsupported?(input: RouteInput): readonly Diagnostic[];
}
