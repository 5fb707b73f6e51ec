/** What all exchanges of one HTTP connection manager share, built once per configuration. */
import { ByteWriter, type ReaderLimits } from '@weft/wire/http1';
import { ClientAddress } from '@weft/core/decide';
import type { HttpConnectionManager } from '@weft/core/proxy-config';
import type { ManagerTracing } from '../tracing/index.ts';
import { ClusterCalls } from '../calls/index.ts';
import { FilterChains } from '../filters/chains.ts';
import { filterCompiler } from '../filters/index.ts';
import type { Counter, EngineRuntime, HttpManagerSetting } from '../ports.ts';
import { compileSteps, type MutationStep } from '../router/header-mutations.ts';
import { DateHeader } from './date-header.ts';
import { InternalAddresses } from './internal-addresses.ts';
import { LocalReplies } from './local-reply.ts';
import { Http2Shared } from '../http2/shared.ts';
import { allocateSlab } from './octets.ts';

/** Shared by all managers of an engine: output memory and the date. */
export class HttpShared {
  readonly upstreamOut = new ByteWriter(allocateSlab);
  readonly downstreamOut = new ByteWriter(allocateSlab);
  readonly date: DateHeader;
  readonly http2: Http2Shared;

  constructor(runtime: EngineRuntime) {
    this.http2 = new Http2Shared(runtime.clock);
    this.date = new DateHeader(runtime.wall);
  }
}

export class ManagerContext {
  readonly manager: HttpConnectionManager;
  readonly setting: HttpManagerSetting;
  readonly runtime: EngineRuntime;
  /** Undefined: none. */
  readonly filters: FilterChains | undefined;
  /** Undefined: it does not trace. */
  readonly tracing: ManagerTracing | undefined;
  readonly limits: ReaderLimits;
  /** Changes of requests before anything else looks at them. */
  readonly earlyMutations: readonly MutationStep[];
  readonly upgrades: ReadonlySet<string>;
  /** What is being written to an upstream or downstream connection right now; always taken before the turn ends. */
  readonly upstreamOut: ByteWriter;
  readonly downstreamOut: ByteWriter;
  readonly date: DateHeader;
  readonly http2: Http2Shared;
  /** Octets of a request body held for one exchange before reading stops or trying again is given up. */
  readonly bodyLimit: number;
  /** Undefined: no request is internal. */
  readonly internal: InternalAddresses | undefined;
  readonly client: ClientAddress;
  /** Undefined: answers of our own go as they are. */
  readonly localReplies: LocalReplies | undefined;
  readonly refusals: Counter;
  readonly overloadCloses: Counter;
  /** Requests from nobody knows whom; undefined: they are taken. */
  readonly clientRejections: Counter | undefined;
  readonly connections: Readonly<Record<'total' | 'destroyed' | 'http2', Counter>>;

  /** Callers are asked to go with their next answer: this chain drains, or the operator says that the engine is not well. */
  get asksToGo(): boolean {
    const { drain, listener } = this.setting;
    return drain.draining || (this.runtime.health.failing && listener.drainType === 'default');
  }

  constructor(manager: HttpConnectionManager, setting: HttpManagerSetting, runtime: EngineRuntime, shared: HttpShared) {
    this.manager = manager;
    this.setting = setting;
    this.runtime = runtime;
    this.upstreamOut = shared.upstreamOut;
    this.downstreamOut = shared.downstreamOut;
    this.date = shared.date;
    this.http2 = shared.http2;
    const count = (stat: string): Counter => runtime.counters.counter(`http.${manager.statPrefix}.${stat}`);
    this.refusals = count('downstream_rq_overload_close');
    this.overloadCloses = count('downstream_cx_overload_disable_keepalive');
    this.clientRejections =
      manager.clientHeader?.rejectStatus === undefined ? undefined : count('downstream_rq_rejected_via_ip_detection');
    this.connections = {
      total: count('downstream_cx_total'),
      destroyed: count('downstream_cx_destroy'),
      http2: count('downstream_cx_http2_total'),
    };
    const { localReply, internalAddresses } = manager;
    this.client = new ClientAddress(manager);
    this.internal = internalAddresses === undefined ? undefined : new InternalAddresses(internalAddresses);
    this.localReplies =
      localReply === undefined
        ? undefined
        : new LocalReplies(localReply, runtime, (fault) =>
            runtime.log.write('http', 'error', 'an answer of our own cannot be rewritten as configured', {
              manager: manager.statPrefix,
              fault,
            }),
          );
    this.limits = { headOctets: manager.maxRequestHeadersKb * 1024, fields: manager.maxHeadersCount };
    this.upgrades = new Set(manager.upgrades.map((type) => type.toLowerCase()));
    this.bodyLimit =
      setting.listener.perConnectionBufferLimitBytes > 0 ? setting.listener.perConnectionBufferLimitBytes : 1_048_576;
    const report = (fault: string): void =>
      runtime.log.write('filter', 'error', 'a rule cannot be compiled and fails closed', {
        manager: manager.statPrefix,
        fault,
      });
    const { tracing } = manager;
    this.tracing = tracing && runtime.tracing?.(manager, tracing, setting.listener.direction === 'outbound', report);
    this.earlyMutations = compileSteps(manager.earlyMutations ?? [], report);
    this.filters =
      manager.httpFilters.length === 0
        ? undefined
        : new FilterChains(
            manager.httpFilters,
            filterCompiler({
              runtime,
              calls: new ClusterCalls(runtime, setting.clusters, shared.http2),
              messages: () => {
                if (runtime.messages === undefined) throw new TypeError('this engine has no messages of services');
                return runtime.messages();
              },
              statPrefix: manager.statPrefix,
              report,
            }),
            (filter) =>
              runtime.log.write('filter', 'warning', 'routes configure this filter as one of another kind', {
                manager: manager.statPrefix,
                filter,
              }),
            (routes) => setting.routes.isLive?.(routes) ?? setting.routes.current === routes,
          );
  }
}
