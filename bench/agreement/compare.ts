/** What `explain` says of a request, as everything that an engine may do with it. */
import {
  type Explanation,
  explain,
  isAnswer,
  OUTSIDER,
  type Question,
  type Setting,
  type World,
} from '@weft/compile/answers';
import { spaceless } from './client.ts';
import type { GeneratedRequest } from './generate/index.ts';
import { nameOf, OUTSIDE } from './generate/words.ts';

/** One of the ways in which a request may end. */
export interface Ending {
  /** 0: closed without an answer. */
  readonly status: number;
  /** The rule whose word is in the answer; undefined: none; absent: either. */
  readonly rule?: string | undefined;
  readonly location?: string;
  /** Workloads, one of which answers. */
  readonly workloads?: readonly string[];
  /** As it got there: path with its query, host, and two headers. */
  readonly arrived?: { readonly path: string; readonly host: string; readonly a: string; readonly b: string };
  /** Source of the rule that refused, where one did. */
  readonly refusedBy?: string;
  /** Of the called side. */
  readonly limit?: Limit | undefined;
  /** Requests of this word end at the same workload, as long as they may end at the same ones. */
  readonly sticky?: string;
}

/** A bucket of a local rate limit that is never filled again while a run lasts. */
export interface Limit {
  /** Whose it is; of the called side each workload has one of its own. */
  readonly bucket: string;
  readonly most: number;
}

export interface Expected {
  /** Nobody listens. */
  readonly absent: boolean;
  readonly endings: readonly Ending[];
  /** At the listener of a Gateway, then of the route. */
  readonly limits: readonly Limit[];
  /** Keys of workloads, one of which may see it. */
  readonly reached: readonly string[];
}

export function questionOf({ caller, to, port, request }: GeneratedRequest): Question {
  const from: Question['from'] | undefined = caller === undefined ? OUTSIDER : { kind: 'workload', key: caller };
  if (from === undefined) throw new TypeError('nobody is outside');
  return { from, to, port, request, ...(caller === undefined ? { gateway: true } : {}) };
}

export function expected(world: World, asked: GeneratedRequest): Expected {
  const answer = explain(world, questionOf(asked));
  if (!isAnswer(answer)) {
    // Nothing is attached to a port of a Gateway that carries no requests: it is closed.
    if (asked.caller === undefined) return { absent: true, endings: [], limits: [], reached: [] };
    throw new TypeError(answer.reason);
  }
  const settings = answer.routing?.settings ?? [];
  return {
    absent: answer.verdict.kind === 'not-visible',
    reached: answer.arrivals.flatMap(({ workloads }) => workloads),
    endings: endingsOf(answer, asked),
    // Who is refused at the edge is not counted.
    limits:
      answer.entry?.word.allowed === false
        ? []
        : [
            ...limitsOf(answer.entry?.settings ?? [], `edge/${answer.entry?.listener}`),
            ...limitsOf(settings, `${asked.caller ?? 'edge'}/${answer.routing?.rule}`),
          ],
  };
}

const limitsOf = (settings: readonly Setting[], bucket: string): Limit[] =>
  settings.flatMap(({ name, value }) => {
    const most =
      name === 'rate limit' && !value.endsWith('(shadow)') ? /at most (\d+) at once/.exec(value)?.[1] : undefined;
    return most === undefined ? [] : [{ bucket, most: Number(most) }];
  });

function endingsOf(answer: Explanation, asked: GeneratedRequest): Ending[] {
  const { verdict, entry } = answer;
  const rule = ruleOf(answer.routing?.rule ?? verdict.source);
  switch (verdict.kind) {
    case 'not-visible':
      return [];
    case 'bad-request':
    case 'no-route':
      return [{ status: verdict.status, rule: undefined }];
    case 'redirect':
      return [{ status: verdict.status, rule, location: verdict.reason.slice('it is redirected to '.length) }];
    case 'answered':
      return verdict.flag === 'FI'
        ? (answer.routing?.failures ?? []).map(({ status }) => ({ status }))
        : [{ status: verdict.status, rule }];
    case 'denied':
      if (entry?.word.allowed === false || answer.arrivals.length === 0) return [{ status: verdict.status }];
      return forwarded(answer, rule, asked);
    case 'allowed':
    case 'mixed':
    case 'unavailable':
      return forwarded(answer, rule, asked);
  }
}

function forwarded(answer: Explanation, rule: string | undefined, asked: GeneratedRequest): Ending[] {
  const { routing } = answer;
  const settings = routing?.settings ?? [];
  const tcp = asked.kind === 'tcp';
  return answer.arrivals
    .filter(({ share }) => share > 0)
    .flatMap((arrival): Ending[] => {
      const { port, workloads, allowed, by, status, source, reason } = arrival;
      const backend = routing?.backends.find((one) => (one.port ?? '') === port);
      if (backend !== undefined && overflows(backend.settings)) return [{ status: tcp ? 0 : 503, rule }];
      if (!allowed) {
        if (by === 'request')
          return [
            {
              status: status ?? 403,
              rule,
              ...(source === undefined || asked.caller === undefined ? {} : { refusedBy: source }),
            },
          ];
        if (tcp) return [{ status: 0 }];
        return status === undefined ? [{ status: port === '' ? 500 : 503, rule }] : [{ status }];
      }
      if (port === '') return [{ status: 0 }];
      const names = workloads.length === 0 && by === 'no-proxy' ? [OUTSIDE] : workloads.map(nameOf);
      if (asked.verdict === 'no' && reason.includes('Extension')) return [{ status: 403, rule }];
      // Services may share workloads; each port of a workload has a bucket of its own.
      const [limit] = limitsOf(arrival.settings ?? [], `called/${asked.kind}/${port.endsWith('/443')}`);
      const reached = { workloads: names, limit };
      if (tcp) return [{ status: 200, ...reached }];
      if (asked.trial === 'slow' && TIMED.some(([name, value]) => said(settings, name) === value))
        return [{ status: 504 }];
      if (typeof asked.trial === 'number' && triesOf(said(settings, 'retries'), asked.request.method) < asked.trial)
        return [{ status: 503, rule, ...reached }];
      const sticky = stickyOf(backend?.settings ?? [], asked);
      return [
        {
          status: 200,
          rule,
          ...reached,
          arrived: arrivedAs(asked, backend),
          ...(sticky === undefined ? {} : { sticky: `${port} ${sticky}` }),
        },
      ];
    });
}

const TIMED = [
  ['timeout', '1s'],
  ['timeout of a try', '1s'],
] as const;

const said = (settings: readonly Setting[], name: string): string | undefined =>
  settings.find((setting) => setting.name === name)?.value;

/** Tries after the first when the application answers 503. */
function triesOf(words: string | undefined, method: string): number {
  const [, tries = '0', on = '', methods] = /^(\d+) on (.*?)(?:, for (.*))?$/.exec(words ?? '') ?? [];
  if (methods !== undefined && !methods.split(', ').includes(method)) return 0;
  return on.split(', ').some((word) => ['5xx', 'gateway-error', '503'].includes(word)) ? Number(tries) : 0;
}

const overflows = (settings: readonly Setting[]): boolean => said(settings, 'limits')?.endsWith(' 0 requests') === true;

/** What its endpoint is hashed from; undefined: it is not, or of nothing that it has. */
function stickyOf(settings: readonly Setting[], { request: { headers } }: GeneratedRequest): string | undefined {
  if (!['ring-hash', 'maglev'].includes(said(settings, 'balancing') ?? '')) return undefined;
  return headers.find(({ name }) => name === 'x-user')?.value;
}

function arrivedAs(
  { request, to, kind }: GeneratedRequest,
  backend: NonNullable<Explanation['routing']>['backends'][number] | undefined,
): NonNullable<Ending['arrived']> {
  const mark = request.path.indexOf('?');
  const query = mark < 0 ? '' : request.path.slice(mark);
  const values = new Map<string, string[]>();
  for (const { name, value } of request.headers) values.set(name, [...(values.get(name) ?? []), value]);
  for (const change of backend?.changes?.headers ?? []) {
    if (change.kind === 'remove') values.delete(change.name);
    else values.set(change.name, [...(change.kind === 'add' ? (values.get(change.name) ?? []) : []), change.value]);
  }
  const text = (name: string): string => spaceless(values.get(name)?.join(',') ?? '');
  const [namespace = '', service = ''] = to.split('/');
  const host = backend?.changes?.host ?? (text('host') || `${service}.${namespace}`);
  return { path: `${backend?.path ?? ''}${kind === 'grpc' ? '' : query}`, host, a: text('x-a'), b: text('x-b') };
}

/** `HTTPRoute/shop/route-1#spec.rules[2].matches[0]` is `route-1.2`; of a service without a route there is none. */
const ruleOf = (source: string | undefined): string | undefined => {
  const [, route, rule] = /^(?:HTTP|GRPC)Route\/[^/]+\/([^#]+)#spec\.rules\[(\d+)\]/.exec(source ?? '') ?? [];
  return route === undefined ? undefined : `${route}.${rule}`;
};
