/** Holds what one engine did with the requests of one mesh, in their order, to what `explain` says: limits count from request to request. */
import type { Observed, Session } from './client.ts';
import type { RunningEngine } from './batch.ts';
import type { Ending, Expected, Limit } from './compare.ts';
import type { GeneratedRequest } from './generate/index.ts';

export class Judge {
  readonly #engine: RunningEngine;
  readonly #used = new Map<string, number>();
  readonly #places = new Map<string, string>();
  /** By who calls whom: what the last answers began, and where they came from. */
  readonly #sessions = new Map<string, { readonly values: Session; readonly at: Record<string, string | undefined> }>();

  constructor(engine: RunningEngine) {
    this.#engine = engine;
  }

  /** What goes with a request of that caller. */
  session(asked: GeneratedRequest): Session {
    return asked.session === true ? (this.#sessions.get(who(asked))?.values ?? {}) : {};
  }

  /** Afterwards. */
  #remember(asked: GeneratedRequest, { session = {}, workload }: Observed): void {
    const before = this.#sessions.get(who(asked));
    const at = Object.fromEntries(Object.keys(session).map((kind) => [kind, workload]));
    this.#sessions.set(who(asked), { values: { ...before?.values, ...session }, at: { ...before?.at, ...at } });
  }

  /** undefined: the engine did one of the things that it may. */
  disagreement(asked: GeneratedRequest, wanted: Expected, seen: Observed): string | undefined {
    const what = this.#differs(asked, wanted, seen);
    this.#remember(asked, seen);
    return what;
  }

  #differs(asked: GeneratedRequest, wanted: Expected, seen: Observed): string | undefined {
    const { kind } = asked;
    const told = (): string => `${JSON.stringify(seen)}, expected ${JSON.stringify(wanted)}`;
    const closed = wanted.absent || wanted.endings.some(({ status }) => status === 0);
    if (wanted.absent || seen.absent === true) return closed && seen.absent === true ? undefined : told();
    const grpc = kind === 'grpc';
    for (const limit of wanted.limits) {
      if (this.#spent(limit.bucket, limit)) return isLimited(seen, kind) ? undefined : told();
      // A path that is refused as such meets no filter.
      if (seen.status !== 400) this.#spend(limit.bucket);
    }
    for (const ending of wanted.endings) {
      if (ending.only !== undefined && ending.only !== this.#engine) continue;
      const { limit, workloads = [] } = ending;
      if (limit !== undefined && isLimited(seen, kind)) {
        if (workloads.some((name) => this.#spent(`${limit.bucket} ${name}`, limit))) return undefined;
        continue;
      }
      if (!agrees(ending, seen, grpc)) continue;
      if (limit !== undefined && seen.workload !== undefined) {
        const bucket = `${limit.bucket} ${seen.workload}`;
        if (this.#spent(bucket, limit)) return told();
        this.#spend(bucket);
      }
      if (!this.#isHeld(asked, ending) && this.#strays(ending, seen))
        return `${told()}, not where such requests went before`;
      return this.#leaves(asked, ending, seen) ? `${told()}, not where its session is` : undefined;
    }
    return told();
  }

  #spent(bucket: string, { most }: Limit): boolean {
    return (this.#used.get(bucket) ?? 0) >= most;
  }

  #spend(bucket: string): void {
    this.#used.set(bucket, (this.#used.get(bucket) ?? 0) + 1);
  }

  #strays({ sticky, workloads = [] }: Ending, { workload }: Observed): boolean {
    if (sticky === undefined || workload === undefined) return false;
    const key = `${sticky} ${workloads.join()}`;
    const before = this.#places.get(key);
    this.#places.set(key, workload);
    return before !== undefined && before !== workload;
  }

  /** It goes with a session, which counts before what it is hashed from. */
  #isHeld(asked: GeneratedRequest, { session }: Ending): boolean {
    return session !== undefined && this.#place(asked, session) !== undefined;
  }

  #place(asked: GeneratedRequest, session: 'cookie' | 'header'): string | undefined {
    return asked.session === true ? this.#sessions.get(who(asked))?.at[session] : undefined;
  }

  /** A session whose place it may go to is left. */
  #leaves(asked: GeneratedRequest, { session, workloads = [] }: Ending, { workload }: Observed): boolean {
    if (session === undefined || asked.trial !== undefined) return false;
    const place = this.#place(asked, session);
    return place !== undefined && workloads.includes(place) && workload !== place;
  }
}

const who = ({ caller, to, port }: GeneratedRequest): string => `${caller ?? ''} ${to} ${port}`;

function agrees(ending: Ending, seen: Observed, grpc: boolean): boolean {
  const { arrived } = ending;
  return (
    isStatus(ending.status, seen, grpc) &&
    (!('rule' in ending) || ending.rule === seen.rule) &&
    ending.location === seen.location &&
    (ending.workloads === undefined
      ? seen.workload === undefined
      : // An application that fails says who it is nevertheless.
        ending.workloads.includes(seen.workload ?? '')) &&
    (arrived === undefined ||
      (arrived.path === seen.arrived?.path &&
        arrived.host === seen.arrived.host &&
        arrived.a === seen.arrived.a &&
        arrived.b === seen.arrived.b)) &&
    (ending.refusedBy === undefined || (seen.word ?? '').includes(ending.refusedBy))
  );
}

/** A connection is closed. */
const isLimited = (seen: Observed, kind: GeneratedRequest['kind']): boolean =>
  kind === 'tcp' ? seen.status === 0 : isStatus(429, seen, kind === 'grpc');

/** What Envoy makes of a status that it answers a call with (gRPC, HTTP to gRPC Status Code Mapping; of a limit RESOURCE_EXHAUSTED). */
const GRPC_STATUS = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 8],
  [502, 14],
  [503, 14],
  [504, 14],
]);

const isStatus = (status: number, seen: Observed, grpc: boolean): boolean =>
  !grpc || seen.workload !== undefined || status === 200 || status === 0
    ? seen.status === status
    : seen.status === 200 && seen.grpcStatus === (GRPC_STATUS.get(status) ?? 2);
