/** Requests that happened, as questions: what the mesh would say to each, and which of them a change would treat otherwise. */
import { parseIp } from '@weft/core/kernel';
import type { StoredObject, Workload } from '@weft/core/resources';
import type { Entered } from '@weft/core/tap';
import { givenName } from '@weft/core/traffic';
import { AlikeAddresses } from './alike.ts';
import { type CallChange, changeOf } from './change.ts';
import { explain, isAnswer } from './explain.ts';
import { OUTSIDER, type Question, type StatedRequest } from './question.ts';
import { runsAs } from './stand-ins.ts';
import type { Unanswerable } from './explanation.ts';
import type { World } from './world.ts';

/** What a proxy told of one request. */
export interface Happened {
  /** Key of the workload whose proxy told it; one that is gone is sought by its account. */
  readonly workload: string;
  /** SPIFFE ID of that workload; '' not known. */
  readonly identity: string;
  readonly direction: 'inbound' | 'outbound';
  /** Address of the other side, where it proved no identity. */
  readonly peer: string;
  /** SPIFFE ID that the other side proved; '' none. */
  readonly peerIdentity: string;
  readonly kind: 'http' | 'tcp';
  /** Keys of the service or Gateway; undefined: not known. `port` undefined: its only one. */
  readonly addressed:
    | { readonly service: string; readonly port: number | undefined; readonly gateway: boolean }
    | undefined;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What a Gateway told of who entered; absent: nothing. */
  readonly entered?: Entered | undefined;
}

export interface Asked {
  readonly question: Question;
  /** The caller as people name it; '' is one outside the mesh. */
  readonly caller: string;
  /** What was not kept of the request and may count. */
  readonly unsure: readonly string[];
}

/** As a question to a mesh of these objects. */
export function questionOf(objects: readonly StoredObject[], happened: Happened): Asked | Unanswerable {
  const { addressed, direction } = happened;
  if (addressed === undefined)
    return { reason: 'what it was addressed to is not known', remedy: 'its proxy was not connected when it was told' };
  const from = callerOf(objects, happened);
  if (from === undefined)
    return {
      reason: `no workload of ${nameOfCaller(happened)} runs`,
      remedy: 'ask while it runs',
    };
  const { request, unsure } = requestOf(happened);
  const { entered } = happened;
  const question = {
    ...(addressed.gateway && entered !== undefined ? { serverName: entered.serverName } : {}),
    from,
    to: addressed.service,
    port: addressed.port,
    request,
    gateway: addressed.gateway,
    // Only the called side told it: how it was routed before is not known.
    direct: direction === 'inbound' && from.kind === 'workload',
    // And it did arrive: where only load balancers may connect, by one of them.
    balanced: direction === 'inbound' && from.kind === 'workload',
  };
  return { question, caller: from.kind === 'outside' ? '' : from.key, unsure };
}

const nameOfCaller = ({ direction, workload, identity, peerIdentity }: Happened): string =>
  direction === 'inbound' ? peerIdentity : workload === '' ? identity : workload;

/** Key, or `namespace/account`, of who called; undefined: somebody outside. */
export function callerKeyOf(happened: Happened): string | undefined {
  if (happened.addressed?.gateway === true) return undefined;
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(nameOfCaller(happened)) ?? [];
  if (account !== undefined) return `${namespace}/${account}`;
  return happened.direction === 'outbound' ? givenName(happened.workload) : undefined;
}

function callerOf(objects: readonly StoredObject[], happened: Happened): Question['from'] | undefined {
  const { workload, identity, direction, peer, peerIdentity, addressed } = happened;
  if (addressed?.gateway === true) return entrantOf(happened);
  if (direction === 'outbound') {
    const key = runsAs(objects, workload) ?? runsAs(objects, givenName(workload)) ?? ofIdentity(objects, identity);
    return key === undefined ? undefined : { kind: 'workload', key };
  }
  if (peerIdentity === '') {
    const address = parseIp(peer);
    return address === undefined ? OUTSIDER : { kind: 'outside', address };
  }
  const key = ofIdentity(objects, peerIdentity);
  return key === undefined ? undefined : { kind: 'workload', key };
}

/** As the Gateway told it: by its address, the one that is believed of it, and its certificate; as anybody outside where it did not. */
function entrantOf({ entered }: Happened): Question['from'] | undefined {
  const client = parseIp(entered?.client ?? '');
  const address = parseIp(entered?.address ?? '') ?? client;
  if (entered === undefined || address === undefined) return OUTSIDER;
  return {
    kind: 'outside',
    address,
    ...(client === undefined ? {} : { client }),
    ...(entered.certificate ? { identity: entered.identity } : {}),
  };
}

function ofIdentity(objects: readonly StoredObject[], identity: string): string | undefined {
  const [, namespace = '', account = ''] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
  const found = objects.find(
    (object): object is Workload =>
      object.kind === 'Workload' &&
      object.metadata.namespace === namespace &&
      (object as Workload).spec.account === account,
  );
  return found === undefined ? undefined : `${namespace}/${found.metadata.name}`;
}

const HIDDEN = '<redacted>';

function requestOf({ kind, method, path, authority, headers }: Happened): { request: StatedRequest; unsure: string[] } {
  const unsure: string[] = [];
  const mark = path.indexOf('?');
  let asked = path;
  if (mark >= 0 && path.includes(HIDDEN)) {
    asked = path.slice(0, mark);
    unsure.push('values of its query');
  }
  if (asked.endsWith('…')) {
    asked = asked.slice(0, -1);
    unsure.push('the end of its path');
  }
  if (kind === 'http') unsure.push('headers but those that say nothing about who asks', 'claims of a token');
  const shown = headers.filter(([name, value]) => value !== HIDDEN && name !== 'host');
  const host = authority === '' ? [] : [{ name: 'host', value: authority }];
  return {
    request: {
      method: method === '' ? 'GET' : method,
      path: asked.startsWith('/') ? asked : '/',
      headers: [...host, ...shown.map(([name, value]) => ({ name, value }))],
    },
    unsure,
  };
}

/** Requests that fare alike, and how many they were. */
export interface Seen {
  readonly happened: Happened;
  readonly count: number;
  /** Shown with the difference, as it came. */
  readonly example: string;
}

export interface Difference {
  /** `gone`: the mesh has no answer to it any more. */
  readonly kind: CallChange['kind'] | 'gone';
  readonly caller: string;
  readonly gateway: boolean;
  readonly service: string;
  readonly port: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly count: number;
  /** Questions that were counted together. */
  readonly shapes: number;
  readonly before: string;
  readonly after: string;
  /** Source of what decides afterwards. */
  readonly source: string | undefined;
  readonly example: string;
}

export interface SeenPlan {
  readonly differences: readonly Difference[];
  /** Requests that were compared, and by how many questions. */
  readonly requests: number;
  readonly asked: number;
  /** Requests that could not be asked about, by reason; the commonest first. */
  readonly unasked: readonly { readonly reason: string; readonly count: number }[];
}

/** Questions that are asked at most; the rarest are left out. */
const MOST_QUESTIONS = 50_000;

/** What each would say to what happened, where that differs. Gravest first, then by count. */
export function compareHappened(before: World, after: World, seen: readonly Seen[]): SeenPlan {
  const unasked = new Map<string, number>();
  const skip = (reason: string, count: number): void => void unasked.set(reason, (unasked.get(reason) ?? 0) + count);
  const questions = new Map<string, { readonly asked: Asked; count: number; readonly example: string }>();
  const alike = new AlikeAddresses(before.objects, after.objects);
  for (const { happened, count, example } of seen) {
    const given = questionOf(before.objects, happened);
    if (!('question' in given)) {
      skip(given.reason, count);
      continue;
    }
    const asked = { ...given, question: alike.question(given.question) };
    const key = JSON.stringify(asked.question);
    const known = questions.get(key);
    if (known === undefined) questions.set(key, { asked, count, example });
    else known.count += count;
  }
  const differences = new Map<string, Difference>();
  let requests = 0;
  let told = 0;
  for (const { asked, count, example } of [...questions.values()].toSorted((a, b) => b.count - a.count)) {
    if (told >= MOST_QUESTIONS) {
      skip(`more than ${MOST_QUESTIONS} different requests: the rarest were not asked about`, count);
      continue;
    }
    told += 1;
    const found = differenceOf(before, after, asked, count, example);
    if (typeof found === 'string') {
      skip(found, count);
      continue;
    }
    requests += count;
    if (found === undefined) continue;
    const { kind, caller, service, port, method, before: was, after: is, source } = found;
    const key = JSON.stringify([kind, caller, service, port, method, was, is, source]);
    const alike = differences.get(key);
    differences.set(
      key,
      alike === undefined ? found : { ...alike, count: alike.count + count, shapes: alike.shapes + 1 },
    );
  }
  return {
    differences: [...differences.values()].toSorted(
      (a, b) => GRAVITY.indexOf(a.kind) - GRAVITY.indexOf(b.kind) || b.count - a.count,
    ),
    requests,
    asked: told,
    unasked: [...unasked].map(([reason, count]) => ({ reason, count })).toSorted((a, b) => b.count - a.count),
  };
}

const GRAVITY: readonly Difference['kind'][] = [
  'plaintext',
  'denied',
  'gone',
  'allowed',
  'otherwise',
  'rerouted',
  'encrypted',
];

/** A text: why there is no answer to compare with. */
function differenceOf(
  before: World,
  after: World,
  { question, caller }: Asked,
  count: number,
  example: string,
): Difference | string | undefined {
  const old = explain(before, question);
  if (!isAnswer(old)) return old.reason;
  const { method, path } = question.request;
  const base = {
    caller,
    gateway: question.gateway === true,
    service: question.to,
    port: old.port,
    method: old.protocol === 'tcp' ? '' : method,
    path: old.protocol === 'tcp' ? '' : path,
    count,
    shapes: 1,
    example,
  };
  const now = explain(after, question);
  if (!isAnswer(now))
    return { ...base, kind: 'gone', before: wordOf(old.verdict), after: now.reason, source: undefined };
  const change = changeOf(old, now, question, caller);
  if (change === undefined) return undefined;
  const { kind, from, to } = change;
  const moved = kind === 'rerouted';
  return {
    ...base,
    kind,
    before: moved ? from : wordOf(old.verdict),
    after: moved
      ? to
      : `${wordOf(now.verdict)}${['denied', 'not-visible'].includes(now.verdict.kind) ? `: ${now.verdict.reason}` : ''}`,
    source: now.verdict.kind === 'denied' ? now.verdict.source : (now.verdict.source ?? now.routing?.rule),
  };
}

const wordOf = ({ kind, status }: CallChange['before']): string => (status === 0 ? kind : `${kind} (${status})`);
