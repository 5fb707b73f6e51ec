/** Holds what one engine did with the requests of one mesh, in their order, to what `explain` says: limits count from request to request. */
import type { Observed, Session } from './client.ts';
import type { RunningEngine } from './batch.ts';
import type { Ending, Expected } from './compare.ts';
import type { GeneratedRequest } from './generate/index.ts';
import { type Counts, courses, type Course, shown } from './stages.ts';

export class Judge {
  readonly #engine: RunningEngine;
  /** What may have been counted so far: which of several ways an engine took is not always seen. */
  #counts: readonly Counts[] = [new Map()];
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
    const taken: Taken[] = this.#counts.flatMap((counts) =>
      courses(wanted.stages, counts, this.#engine).flatMap((course) =>
        course.end === undefined
          ? wanted.endings.flatMap((ending) => this.#ways(ending, course.counts, seen, kind))
          : isEnd(course.end, {}, seen, kind)
            ? [{ counts: course.counts, ending: undefined }]
            : [],
      ),
    );
    const [first] = taken;
    if (first === undefined) return told();
    this.#counts = distinct(taken.map(({ counts }) => counts));
    const { ending } = first;
    if (ending === undefined) return undefined;
    if (!this.#isHeld(asked, ending) && this.#strays(ending, seen))
      return `${told()}, not where such requests went before`;
    return this.#leaves(asked, ending, seen) ? `${told()}, not where its session is` : undefined;
  }

  /** How what was seen may have come from one ending. */
  #ways(ending: Ending, before: Counts, seen: Observed, kind: GeneratedRequest['kind']): Taken[] {
    if (ending.only !== undefined && ending.only !== this.#engine) return [];
    const { stages = [], workloads, behind = [''] } = ending;
    const own = 'rule' in ending ? { rule: ending.rule } : {};
    return (workloads ?? behind).flatMap((workload) =>
      courses(stages, before, this.#engine, workload).flatMap(({ counts, end }): Taken[] => {
        if (end !== undefined) return isEnd(end, own, seen, kind) ? [{ counts, ending: undefined }] : [];
        const one = workloads === undefined ? ending : { ...ending, workloads: [workload] };
        const plain: Taken[] = agrees(one, seen, kind === 'grpc') ? [{ counts, ending }] : [];
        if (ending.shown === undefined || this.#engine !== 'envoy') return plain;
        const also = shown(ending.shown, counts, ending.status);
        if (also.end !== ending.status)
          return isEnd(also.end, own, seen, kind) ? [...plain, { counts: also.counts, ending: undefined }] : plain;
        return plain.length === 0 ? [] : [...plain, { counts: also.counts, ending }];
      }),
    );
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

/** undefined: it ended before, at whoever counts or is asked. */
interface Taken {
  readonly counts: Counts;
  readonly ending: Ending | undefined;
}

const distinct = (list: readonly Counts[]): readonly Counts[] => [
  ...new Map(list.map((counts) => [JSON.stringify([...counts].sort(([a], [b]) => (a < b ? -1 : 1))), counts])).values(),
];

const isEnd = (
  end: Course['end'],
  own: Pick<Ending, 'rule'>,
  seen: Observed,
  kind: GeneratedRequest['kind'],
): boolean => (end === 'limited' ? isLimited(seen, kind) : agrees({ status: end ?? 0, ...own }, seen, kind === 'grpc'));

const who = ({ caller, to, port }: GeneratedRequest): string => `${caller ?? ''} ${to} ${port}`;

function agrees(ending: Ending, seen: Observed, grpc: boolean): boolean {
  const { arrived } = ending;
  return (
    isStatus(ending.status, seen, grpc) &&
    (!('rule' in ending) || ending.rule === seen.rule) &&
    ending.location === seen.location &&
    (!('readers' in ending) || ending.readers === seen.readers) &&
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
