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
import { EDGE, EDGE_PORTS, nameOf, SHORT } from './generate/words.ts';
import { askedBy, authorized, losesRefusals } from './asked.ts';
import type { ConfigMap } from '@weft/core/resources';

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
  /** One that differs there on purpose. */
  readonly only?: 'envoy';
  /** How the answer begins a session, and a request goes on with it. */
  readonly session?: 'cookie' | 'header';
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
    endings: endingsOf(world, answer, asked),
    // Who is refused at the edge is not counted.
    limits:
      answer.entry?.word.allowed === false || isUncounted(answer)
        ? []
        : [
            ...limitsOf(answer.entry?.settings ?? [], `edge/${answer.entry?.listener}`),
            ...limitsOf(settings, `${asked.caller ?? 'edge'}/${answer.routing?.rule}`),
          ],
  };
}

/** Of a port with several listeners, each with a bucket of its own, what no route takes. */
const isUncounted = ({ verdict, entry, port }: Explanation): boolean =>
  entry !== undefined && verdict.kind === 'no-route' && SHARED_PORTS.includes(port);
const SHARED_PORTS: readonly number[] = [EDGE_PORTS.other, EDGE_PORTS.https];

const limitsOf = (settings: readonly Setting[], bucket: string): Limit[] =>
  settings.flatMap(({ name, value }) => {
    const most =
      name === 'rate limit' && !value.endsWith('(shadow)') ? /at most (\d+) at once/.exec(value)?.[1] : undefined;
    return most === undefined ? [] : [{ bucket, most: Number(most) }];
  });

function endingsOf(world: World, answer: Explanation, asked: GeneratedRequest): Ending[] {
  const { verdict, entry, routing } = answer;
  const rule = ruleOf(routing?.rule ?? verdict.source);
  const status = answeredBefore(world, answer, asked);
  if (status !== undefined) return [{ status }, ...(status === 403 ? lost(world, EDGE, entry?.settings) : [])];
  // What a Fault answers to a part of them.
  const failures = (routing?.failures ?? []).map((one): Ending => ({ status: one.status }));
  switch (verdict.kind) {
    case 'not-visible':
      return [];
    case 'bad-request':
    case 'no-route':
      return [
        { status: verdict.status, rule: undefined },
        // Of hosts that no listener is for it is not said whom its port asks.
        ...(entry === undefined && asked.caller === undefined && asked.processing !== undefined
          ? [{ status: 409 }, { status: 500 }]
          : []),
      ];
    case 'redirect':
      return [
        { status: verdict.status, rule, location: verdict.reason.slice('it is redirected to '.length) },
        ...failures,
      ];
    case 'answered':
      return verdict.flag === 'FI' ? failures : [{ status: verdict.status, rule }, ...failures];
    case 'denied':
      if (entry?.word.allowed === false || answer.arrivals.length === 0)
        return [{ status: verdict.status }, ...lost(world, EDGE, entry?.settings)];
      return forwarded(world, answer, rule, asked);
    case 'allowed':
    case 'mixed':
    case 'unavailable':
      return forwarded(world, answer, rule, asked);
  }
}

/** By whom the Gateway asks, then by whom the rule asks; undefined: it goes on. */
function answeredBefore(world: World, answer: Explanation, asked: GeneratedRequest): number | undefined {
  const { entry, routing, verdict } = answer;
  if (asked.kind === 'tcp' || verdict.kind === 'bad-request' || verdict.status === 400) return undefined;
  if (entry !== undefined) {
    if (entry.word.reason.includes('Extension')) {
      const refused = authorized(world, EDGE, asked);
      if (refused !== undefined) return refused;
    }
    if (!entry.word.allowed) return undefined;
    const status = askedBy(world, EDGE, entry.settings, asked);
    if (status !== undefined) return status;
  }
  return askedBy(world, asked.caller ?? EDGE, routing?.settings ?? [], asked);
}

function forwarded(world: World, answer: Explanation, rule: string | undefined, asked: GeneratedRequest): Ending[] {
  const { routing } = answer;
  const settings = routing?.settings ?? [];
  const tcp = asked.kind === 'tcp';
  return answer.arrivals
    .filter(({ share }) => share > 0)
    .flatMap((arrival): Ending[] => {
      const { port, workloads, allowed, by, status, source, reason } = arrival;
      const backend = routing?.backends.find((one) => (one.port ?? '') === port);
      // Requests are no connections.
      if (!tcp && backend !== undefined && overflows(backend.settings)) return [{ status: 503, rule }];
      const [asker = ''] = workloads;
      if (reason.includes('Extension') && authorized(world, asker, asked) !== undefined)
        return [{ status: 403, rule }, ...lost(world, asker, arrival.settings).map((one) => ({ ...one, rule }))];
      if (!allowed) {
        if (by === 'request')
          return [
            {
              status: status ?? 403,
              rule,
              // That somebody is not there to be asked is said without a name.
              ...(source === undefined || asked.caller === undefined || status === 500 ? {} : { refusedBy: source }),
            },
            ...lost(world, asker, arrival.settings).map((one) => ({ ...one, rule })),
            ...oneOfSeveral(arrival, asked, backend).map((one) => ({ ...one, rule })),
          ];
        if (tcp) return [{ status: 0 }];
        return status === undefined ? [{ status: port === '' ? 500 : 503, rule }] : [{ status }];
      }
      if (port === '') return [{ status: 0 }];
      const processed = tcp ? undefined : askedBy(world, asker, arrival.settings ?? [], asked);
      if (processed !== undefined) return [{ status: processed, rule }];
      const service = port.slice(0, port.lastIndexOf('/'));
      const names = workloads.length === 0 && by === 'no-proxy' ? [nameOf(service)] : workloads.map(nameOf);
      if (backend?.transport === 'tls' && !isVerified(world, port)) return [{ status: 503, rule }];
      // Octets of TLS are no answer: an engine may call it one that is malformed, or a connection that ended.
      if (SEALED_SERVICES.includes(service) && backend?.transport !== 'tls')
        return [
          { status: 502, rule },
          { status: 503, rule },
        ];
      // Services may share workloads; each port of a workload has a bucket of its own.
      const [limit] = limitsOf(arrival.settings ?? [], `called/${asked.kind}/${port.endsWith('/443')}`);
      const reached = { workloads: names, limit };
      if (tcp) return [{ status: 200, ...reached }];
      if (asked.trial === 'slow' && isLate(settings)) return [{ status: 504 }];
      const tries = hasBudget(backend?.settings ?? []) ? triesOf(said(settings, 'retries'), asked.request.method) : 0;
      if (typeof asked.trial === 'number' && tries < asked.trial) return [{ status: 503, rule, ...reached }];
      const sticky = stickyOf(backend?.settings ?? [], asked);
      return [
        {
          status: 200,
          rule,
          ...reached,
          arrived: arrivedAs(asked, backend),
          ...(sticky === undefined ? {} : { sticky: `${port} ${sticky}` }),
          ...sessionOf(backend?.settings ?? []),
        },
      ];
    });
}

const lost = (world: World, asker: string, settings: readonly Setting[] = []): Ending[] =>
  losesRefusals(world, asker, settings) ? [{ status: 500, only: 'envoy' }] : [];

const SEALED_SERVICES = ['shop/sealed', 'shop/vault'];

/** Whether the certificate that stands there comes from an authority and has a name that the policy about it wants. */
function isVerified(world: World, port: string): boolean {
  const row = world.view('default').backendTls.get(port);
  const roots = world.objects.find(
    (one): one is ConfigMap => one.kind === 'ConfigMap' && one.metadata.name === 'roots',
  );
  const text = roots?.spec.data?.['ca.crt']?.trim();
  return (
    row?.trust.kind === 'roots' &&
    text !== undefined &&
    row.trust.pem.includes(text) &&
    row.names.some(({ value }) => value.endsWith('.example'))
  );
}

/** Of an application that answers late. A late try that goes on answers nevertheless. */
const isLate = (settings: readonly Setting[]): boolean =>
  said(settings, 'timeout') === SHORT ||
  (said(settings, 'timeout of a try') === SHORT && said(settings, 'hedging') === undefined);

/** Whether one further try at a time is within it. */
const hasBudget = (settings: readonly Setting[]): boolean =>
  said(settings, 'retry budget') !== '0 % of requests, at least 0 at a time';

function sessionOf(settings: readonly Setting[]): Pick<Ending, 'session'> {
  const [, kind] = /^by the (cookie|header) /.exec(said(settings, 'session') ?? '') ?? [];
  return kind === 'cookie' || kind === 'header' ? { session: kind } : {};
}

const said = (settings: readonly Setting[], name: string): string | undefined =>
  settings.find((setting) => setting.name === name)?.value;

/** Tries after the first when the application answers 503. */
function triesOf(words: string | undefined, method: string): number {
  const [, tries = '0', on = '', methods] = /^(\d+) on (.*?)(?:, for (.*))?$/.exec(words ?? '') ?? [];
  if (methods !== undefined && !methods.split(', ').includes(method)) return 0;
  return on.split(', ').some((word) => ['5xx', 'gateway-error', '503'].includes(word)) ? Number(tries) : 0;
}

const overflows = (settings: readonly Setting[]): boolean => said(settings, 'limits')?.endsWith(' 0 requests') === true;

/**
 * What no ALLOW matches Envoy lets in nevertheless where a header came several times, as the caller sent it and a route added it, and one of
 * its values is allowed (docs/policy.md; e2e/attack-envoy.test.ts).
 */
function oneOfSeveral(
  { source, status, workloads }: Explanation['arrivals'][number],
  asked: GeneratedRequest,
  backend: Parameters<typeof arrivedAs>[1],
): Ending[] {
  const arrived = arrivedAs(asked, backend);
  const repeats = backend?.changes?.headers.some(
    ({ kind, name }) => kind === 'add' && asked.request.headers.some((sent) => sent.name === name),
  );
  return source === undefined && status === undefined && repeats === true
    ? [{ status: 200, workloads: workloads.map(nameOf), arrived, only: 'envoy' }]
    : [];
}

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
