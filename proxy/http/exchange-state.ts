/**
 * The state of one exchange, read and written by the stages of both directions, and the record made of it at the end (ports.ts
 * ExchangeRecord). Nothing here sends or decides.
 */
import { type MetadataView, queryParameter } from '@weft/core/decide';
import { formatIp } from '@weft/core/kernel';
import type { LbMetadata, MetadataStruct, StaticMetadata } from '@weft/core/proxy-config';
import type {
  BreakerPriority,
  ClusterRuntime,
  DownstreamConnection,
  EndpointRuntime,
  ExchangeRecord,
  OverrideHost,
  ResolvedHost,
  PickContext,
  ScopeTable,
  SocketEnd,
  TriedPriorities,
  UpstreamConnection,
} from '../ports.ts';
import { BODY_NONE, type BodyKind } from '@weft/wire/http1';
import type { FilterRun } from '../filters/filter-run.ts';
import { ResponseFlag, type ResponseFlags } from '../response-flags.ts';
import type { Forwarding } from '../router/forwarding.ts';
import type { MirrorTarget } from '../router/mirror.ts';
import type { CompiledRetryPolicy } from '../router/retry-policy.ts';
import type { Hash64 } from '../upstream/hash/index.ts';
import type { RoutePlan, RoutePlans, WeightedPlan } from '../router/route-plan.ts';
import type { ExchangeTrace } from '../tracing/index.ts';
import type { TrafficStats } from '../router/traffic-stats.ts';
import type { FormatSource } from '../router/value-format.ts';
import { HeaderEdit } from './header-edit.ts';
import type { ManagerContext } from './manager-context.ts';
import { RequestHead } from './request-head.ts';
import type { RequestSource } from './stream.ts';

export abstract class ExchangeState implements PickContext, ExchangeRecord, FormatSource {
  readonly kind = 'http';
  readonly context: ManagerContext;
  readonly downstream: DownstreamConnection;
  readonly reader: RequestSource;
  readonly head: RequestHead;
  readonly response = new HeaderEdit();
  abstract readonly router: Forwarding;
  /** A request is being served. */
  active = false;
  startWall = 0;
  startedAt = 0;
  requestEndedAt = -1;
  endedAt = -1;
  status = 0;
  flags: ResponseFlags = 0;
  details = '';
  bytesReceived = 0;
  bytesSent = 0;
  /** The answer's, -1: none is known. */
  grpcStatus = -1;
  /** The request is gRPC as the router sees it. */
  grpc = false;
  /** The client speaks gRPC: answers of our own are told by grpc-status. */
  grpcClient = false;
  /** The filters' run, where any of them takes part beyond the head; undefined: none does. */
  bodyFilter: FilterRun | undefined;
  /** The request waits at a filter. */
  waiting = false;
  /** Of the whole exchange, from the end of the request, in ms; 0: none. */
  timeout = 0;
  /** The answer's head waited at a filter; the upstream's words for its status are gone. */
  headWasLate = false;
  /** Its spans; undefined: its connection manager does not trace. */
  trace: ExchangeTrace | undefined;
  /** A filter took it for a health check. */
  healthCheck = false;
  /** Where a session's request goes, if the cluster has it; undefined: it is balanced. */
  overrideHost: OverrideHost | undefined;
  /** Of a dynamic forward proxy; undefined: the host that it is for was not resolved. */
  resolvedHost: ResolvedHost | undefined;
  /** Where it is counted beside its cluster. */
  counted: TrafficStats[] = [];
  /** What is tried again: the route's policy, or what the request asks for over it. */
  retry: CompiledRetryPolicy | undefined;
  /** A try whose time-out ended goes on beside the next one. */
  hedges = false;
  /** x-envoy-upstream-rq-timeout-alt-response: a time-out is told by 204. */
  noContentOnTimeout = false;
  source = '';
  clusterName = '';
  roll = 0;
  hash: Hash64 | undefined;
  /** Who gets a copy of the request. */
  mirrors: MirrorTarget[] = [];
  /** Values of Set-Cookie that go with an upstream's answer. */
  newCookies: string[] = [];
  /** Internal redirects that were followed, each as the names of the routes it left and came to. */
  redirects: string[] = [];
  /** The route table that counts for this exchange; undefined: none. */
  routes: RoutePlans | undefined;
  /** Of scoped routes: the scope whose table `routes` is. */
  scope: ScopeTable | undefined;
  plan: RoutePlan | undefined;
  weighted: WeightedPlan | undefined;
  cluster: ClusterRuntime | undefined;
  /** Target for the request line upstream; undefined: the octets that arrived. */
  target: string | undefined;
  hostFromEndpoint = false;
  /** Wanted by the request, lower case; '' none. */
  upgrade = '';
  /** Agreed by the upstream. */
  responseUpgrade = '';
  /** How the upstream's answer says where its body ends, as its head arrived: a head that waits at a filter is written when the body may have ended. */
  answerBody: BodyKind = BODY_NONE;
  chunkedOut = false;
  /** The connection ends after this exchange. */
  closeAfter = false;
  decided = false;
  upstreamFailure = '';
  localReplyBody = '';

  constructor(context: ManagerContext, downstream: DownstreamConnection, reader: RequestSource) {
    this.context = context;
    this.downstream = downstream;
    this.reader = reader;
    this.head = new RequestHead(downstream);
  }

  /** What was decided by the route that an internal redirect leaves. */
  forgetRoute(): void {
    this.plan = undefined;
    this.head.routeMetadata = undefined;
    this.weighted = undefined;
    this.cluster = undefined;
    this.hostFromEndpoint = false;
    this.timeout = 0;
    if (this.counted.length > 0) this.counted = [];
    this.retry = undefined;
    this.hedges = false;
    this.hash = undefined;
    this.mirrors = [];
    this.newCookies = [];
  }

  setHost(host: string): void {
    this.head.edit.set('host', host);
  }

  /** A new path; the query stays unless the path brings one. */
  setTarget(path: string): void {
    const { query } = this.head;
    this.target = query === undefined || path.includes('?') ? path : `${path}?${query}`;
  }

  /** A filter's other query, for everything behind it. */
  setQuery(query: string | undefined): void {
    this.head.query = query;
    this.setTarget(this.head.path);
    this.head.originalPath = this.target ?? this.head.originalPath;
  }

  get isUpgrade(): boolean {
    return this.upgrade !== '';
  }

  /** What the client sends after the head may be meant for a tunnel. */
  get wantsTunnel(): boolean {
    return this.isUpgrade || this.reader.form === 'authority';
  }

  /** How the client's version says that the protocol is switched (RFC 9110, 15.2.2; RFC 8441, 5). */
  get switchedStatus(): number {
    return this.reader.minor === 2 ? 200 : 101;
  }

  /** Before each exchange of the slot. */
  resetState(): void {
    if (this.redirects.length > 0) this.redirects = [];
    this.requestEndedAt = -1;
    this.endedAt = -1;
    this.status = 0;
    this.flags = ResponseFlag.none;
    this.details = '';
    this.bytesReceived = 0;
    this.bytesSent = 0;
    this.grpcStatus = -1;
    this.grpc = false;
    this.grpcClient = false;
    this.bodyFilter = undefined;
    this.waiting = false;
    this.timeout = 0;
    this.trace = undefined;
    this.healthCheck = false;
    this.headWasLate = false;
    this.overrideHost = undefined;
    this.resolvedHost = undefined;
    if (this.counted.length > 0) this.counted = [];
    this.retry = undefined;
    this.noContentOnTimeout = false;
    this.source = '';
    this.clusterName = '';
    this.hash = undefined;
    if (this.mirrors.length > 0) this.mirrors = [];
    if (this.newCookies.length > 0) this.newCookies = [];
    this.routes = undefined;
    this.scope = undefined;
    this.plan = undefined;
    this.weighted = undefined;
    this.cluster = undefined;
    this.target = undefined;
    this.hostFromEndpoint = false;
    this.upgrade = '';
    this.responseUpgrade = '';
    this.answerBody = BODY_NONE;
    this.chunkedOut = false;
    this.closeAfter = false;
    this.decided = false;
    this.upstreamFailure = '';
    this.localReplyBody = '';
    this.head.forgetMetadata();
    this.response.reset(undefined);
  }

  get metadataMatch(): LbMetadata | undefined {
    return this.weighted?.metadataMatch ?? this.plan?.forward?.metadataMatch;
  }
  get priority(): BreakerPriority {
    return this.plan?.forward?.priority ?? 'default';
  }
  get avoidTried(): boolean {
    return this.router.tried.length > 0;
  }
  get triedPriorities(): TriedPriorities | undefined {
    return this.router.triedPriorities;
  }
  hasTried(endpoint: EndpointRuntime): boolean {
    return this.router.tried.includes(endpoint);
  }
  get client(): SocketEnd {
    const { remote } = this.downstream;
    const { remoteIp } = this.head;
    return remoteIp === undefined || remoteIp === remote.address
      ? remote
      : { ip: formatIp(remoteIp), port: 0, address: remoteIp };
  }
  get duration(): number {
    return this.endedAt - this.startedAt;
  }
  get requestTxDuration(): number {
    return this.router.sentAt < 0 ? -1 : this.router.sentAt - this.startedAt;
  }
  get requestDuration(): number {
    return this.requestEndedAt < 0 ? -1 : this.requestEndedAt - this.startedAt;
  }
  get responseDuration(): number {
    return this.router.firstByteAt < 0 ? -1 : this.router.firstByteAt - this.startedAt;
  }
  get responseTxDuration(): number {
    return this.router.lastByteAt < 0 ? -1 : this.router.lastByteAt - this.startedAt;
  }
  get protocol(): string {
    const { minor } = this.reader;
    return minor === 1 ? 'HTTP/1.1' : minor === 2 ? 'HTTP/2' : 'HTTP/1.0';
  }
  get method(): string {
    return this.head.method;
  }
  get path(): string {
    return this.head.originalPath;
  }
  get authority(): string {
    return this.head.host;
  }
  get routeName(): string {
    return this.plan?.compiled.route.name ?? '';
  }
  get endpoint(): EndpointRuntime | undefined {
    return this.router.endpoint;
  }
  get upstream(): UpstreamConnection | undefined {
    return this.router.connection;
  }
  get upstreamAddress(): string {
    return this.router.endpoint?.address ?? '';
  }
  get attempts(): number {
    return this.router.attempts;
  }
  get metadata(): ReadonlyMap<string, MetadataStruct> | undefined {
    return this.head.metadata ?? this.downstream.metadata;
  }
  get virtualHostMetadata(): StaticMetadata | undefined {
    return this.plan?.compiled.virtualHost.metadata;
  }
  get routeMetadata(): MetadataView | undefined {
    return this.head.routeMetadata;
  }
  requestHeader(name: string): string | undefined {
    switch (name) {
      case ':method':
        return this.head.method;
      case ':path':
        return this.target ?? this.head.originalPath;
      case ':authority':
      case 'host':
        return this.head.host;
      case ':scheme':
        return this.head.scheme;
      default:
        return this.head.edit.get(name);
    }
  }
  queryParameter(name: string): string | undefined {
    return queryParameter(this.head.query, name);
  }
  responseHeader(name: string): string | undefined {
    return this.response.get(name);
  }
}
