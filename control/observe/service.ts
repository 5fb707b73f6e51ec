/** The gRPC method Observe of weft.agent.v1.Agent, and the streams that are open: who can be tapped. */
import { AGENT_METHODS, LIMITS, type ObserveDown, readObserveUp } from '@weft/core/agent-api';
import { err, formatDiagnostic, type MonotonicClock, ok } from '@weft/core/kernel';
import { identityOf } from '@weft/core/identity';
import type { TapRequest } from '@weft/core/tap';
import { givenName } from '@weft/core/traffic';
import type { Refusals } from '../authority/index.ts';
import { bindNode, callFailure, type Registry } from '../registry/index.ts';
import { type GrpcMethod, type Peer, peerAddress, type ServerStream } from '../server/index.ts';
import { DescribedEdges } from './described-edges.ts';
import type { LiveTraffic } from './live-traffic.ts';
import type { RecentRequests } from './recent/index.ts';
import { TraceStore } from './trace-store.ts';
import { type Holder, ObserveSession, type Sequences, type SessionParts, type TapListener } from './session.ts';

export interface ObserveServiceOptions {
  readonly clock: MonotonicClock;
  readonly traffic: LiveTraffic;
  readonly registry: Pick<Registry, 'holderOf'>;
  readonly refusals: Refusals;
  /** Keeps what proxies tell of single requests; undefined: nobody asks them to. */
  readonly recent?: RecentRequests | undefined;
}

/** ms between reports of one agent, and how many agents may report at that pace; more report less often. */
const INTERVAL = 1000;
const AT_FULL_PACE = 1000;
/**
 * Streams of one workload at once, then the oldest gives way: one that broke may not have ended here yet, and two processes of it take turns at a
 * hot restart.
 */
const STREAMS = 4;
/** Agents whose last message is remembered. */
const MAX_SEQUENCES = 20_000;

/** Refusals and failures, and others, a second, that each proxy tells for keeps; all together at most ALL_KEPT of each, but one a proxy. */
const KEPT = 20;
const KEPT_RATES = [KEPT, 10, 5, 2, 1];
const ALL_KEPT = 2000;

const decoder = new TextDecoder('utf-8', { fatal: true });

export class ObserveService {
  /** Requests of the last hour, where the mesh names no collector. */
  readonly traces: TraceStore;
  /** Edges that agents gave numbers to. */
  readonly described = new DescribedEdges();
  readonly #options: ObserveServiceOptions;
  /** Streams that said hello, by workload. */
  readonly #streams = new Map<string, Set<ObserveSession>>();
  readonly #sessions = new Map<string, ObserveSession>();
  readonly #sequences: Sequences = new Map();
  readonly #keeping = new Map<ObserveSession, { close(): void }>();
  #keptRate = KEPT;

  constructor(options: ObserveServiceOptions) {
    this.#options = options;
    this.traces = new TraceStore({ clock: options.clock });
  }

  /** To be listed among the gRPC methods of a ControlServer. */
  get method(): GrpcMethod {
    return { kind: 'stream', path: AGENT_METHODS.observe, handle: (stream) => this.#serve(stream) };
  }

  /** Workloads that can be tapped, `namespace/name` of each instance. */
  get workloads(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /**
   * Shows exchanges of every instance of a workload (`namespace` and the name its user gave, or that of one instance) until it is closed.
   * `instances`: how many are tapped; one that comes later is not.
   */
  tap(
    namespace: string,
    name: string,
    request: TapRequest,
    listener: (workload: string, ...told: Parameters<TapListener>) => void,
  ): { readonly instances: number; close(): void } {
    const taps = [...this.#sessions].flatMap(([workload, session]) => {
      const [ns, instance = ''] = workload.split('/');
      if (ns !== namespace || (instance !== name && givenName(instance) !== name)) return [];
      return [session.tap(request, (records, missed) => listener(workload, records, missed))];
    });
    return {
      instances: taps.length,
      close: () => {
        for (const tap of taps) tap.close();
      },
    };
  }

  #serve(stream: ServerStream): void {
    const { peer } = stream;
    const { refusals } = this.#options;
    const session = new ObserveSession(this.#parts(peer), {
      send: (message: ObserveDown) => void stream.write(Buffer.from(JSON.stringify(message))),
      refuse: (reason, detail) => {
        const identity = peer.kind === 'tls' ? (peer.identity?.spiffeId ?? '') : '';
        refusals.add({ reason, operation: 'observe', peer: peerAddress(peer), identity, detail });
        stream.end(callFailure(reason, peer.kind === 'local'));
      },
    });
    stream.onMessage((bytes) => {
      const message = parse(bytes);
      if (typeof message === 'string') session.malformed(message);
      else session.receive(message);
    });
    stream.onEnd(() => session.lost());
  }

  /** Asks this proxy for its part of what is kept, and all of them again when there are more than the present rate is for. */
  #keep(session: ObserveSession): void {
    const { recent } = this.#options;
    if (recent === undefined) return;
    const rate = KEPT_RATES.find((each) => each * this.#sessions.size <= ALL_KEPT) ?? 1;
    const asked = rate === this.#keptRate ? [session] : [...this.#sessions.values()];
    this.#keptRate = rate;
    for (const one of asked) {
      this.#keeping.get(one)?.close();
      const request: TapRequest = { to: '', method: '', path: '', status: 0, rate, keep: true };
      const listener: TapListener = (records, missed) => recent.add(one.workload, one.identity, records, missed);
      this.#keeping.set(one, one.tap(request, listener));
    }
  }

  #parts(peer: Peer): SessionParts {
    const { traffic, registry } = this.#options;
    const holder: Holder = (workload) => {
      const bound = bindNode(registry, peer, workload);
      if (!bound.ok) return err(bound.error);
      const { trustDomain, namespace, account } = bound.value.binding;
      return ok({ identity: identityOf(trustDomain, namespace, account) });
    };
    return {
      traffic,
      traces: this.traces,
      described: this.described,
      holder,
      sequences: this.#sequences,
      interval: () => INTERVAL * Math.max(1, Math.ceil(this.#sessions.size / AT_FULL_PACE)),
      opened: (session) => {
        const streams = this.#streams.get(session.workload) ?? new Set();
        this.#streams.set(session.workload, streams.add(session));
        const [oldest] = streams;
        if (streams.size > STREAMS) oldest?.giveWay('has newer streams');
        if (!this.#sessions.has(session.workload)) traffic.reporterCame();
        this.#sessions.set(session.workload, session);
        this.#keep(session);
        for (const workload of this.#sequences.keys()) {
          if (this.#sequences.size <= MAX_SEQUENCES) break;
          this.#sequences.delete(workload);
        }
      },
      closed: (session) => {
        this.#keeping.delete(session);
        const streams = this.#streams.get(session.workload);
        streams?.delete(session);
        if (streams?.size === 0) this.#streams.delete(session.workload);
        if (this.#sessions.get(session.workload) !== session) return;
        this.#sessions.delete(session.workload);
        traffic.reporterWent();
      },
    };
  }
}

/** A text is what is wrong with it. */
function parse(bytes: Uint8Array): Parameters<ObserveSession['receive']>[0] | string {
  if (bytes.length > LIMITS.messageBytes) return `${bytes.length} bytes`;
  try {
    const read = readObserveUp(JSON.parse(decoder.decode(bytes)));
    return read.ok ? read.value : read.error.slice(0, 3).map(formatDiagnostic).join('; ');
  } catch {
    return 'not JSON';
  }
}
