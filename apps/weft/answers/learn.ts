/**
 * What was seen, as the rules that would allow just that: an AccessPolicy a service, and a Visibility of what its workloads call. A proposal: it says
 * in comments how often and when, what it leaves out, and what it cannot know. Pure.
 */
import type { Keeping, SeenShape } from '@weft/core/documents';
import { formatDuration } from '@weft/core/kernel';

export interface LearnInput {
  readonly namespace: string;
  /** Shapes that proxies of its workloads told. */
  readonly shapes: readonly SeenShape[];
  /** Calls to its services that were counted, and of which no request may be kept. Exact, of the last ten minutes. */
  readonly counted: readonly {
    readonly identity: string;
    readonly service: string;
    readonly requests: number;
    readonly lastSeen: number;
  }[];
  readonly keeping: Keeping;
  /** Unix ms, and ms that were looked back. */
  readonly now: number;
  readonly window: number;
  /** Keys of the namespace's services behind which something runs. */
  readonly services: readonly string[];
  /** Also by method and path. */
  readonly requests: boolean;
  /** Whether the mesh knows the kind. */
  readonly visibility: boolean;
}

export interface Learned {
  readonly yaml: string;
  /** Why it is too little to go by; empty: it is enough. */
  readonly tooLittle: readonly string[];
  readonly policies: number;
}

/** ms and requests below which nobody should go by it. */
const LEAST_TIME = 600_000;
const LEAST_REQUESTS = 100;
const LEAST_OF_SERVICE = 10;

interface Seen {
  count: number;
  lastSeen: number;
  readonly methods: Set<string>;
  readonly paths: Set<string>;
}

interface Service {
  readonly key: string;
  /** By SPIFFE ID. */
  readonly callers: Map<string, Seen>;
  /** Calls that no rule is proposed for: by what and who. */
  readonly left: Map<string, { count: number; lastSeen: number }>;
  count: number;
  samples: number;
}

export function learn(input: LearnInput): Learned {
  const { namespace, shapes, keeping, now, window, services } = input;
  const known = new Map<string, Service>();
  const ownTrust = trustDomainOf(shapes.find(({ identity }) => identity !== '')?.identity ?? '');
  for (const shape of shapes) if (shape.direction === 'inbound') take(known, shape);
  for (const call of input.counted) if (call.identity !== '') takeCounted(known, call);
  const observed = Math.min(window, Math.max(0, now - keeping.since));
  const total = [...known.values()].reduce((sum, { count }) => sum + count, 0);
  const tooLittle = [
    ...(observed < Math.min(LEAST_TIME, window)
      ? [
          `requests are told for ${formatDuration(seconds(observed))} only: at least ${formatDuration(Math.min(LEAST_TIME, window))} are wanted`,
        ]
      : []),
    ...(total < LEAST_REQUESTS ? [`${total} calls were seen: at least ${LEAST_REQUESTS} are wanted`] : []),
    ...[...known.values()]
      .filter(({ count, callers }) => count < LEAST_OF_SERVICE && callers.size > 0)
      .map(({ key, count }) => `${key} was called ${count} times: at least ${LEAST_OF_SERVICE} are wanted`),
  ];
  const documents = [...known.values()]
    .filter(({ callers }) => callers.size > 0)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((service) => policyOf(service, input, ownTrust));
  const called = calledBy(shapes);
  const visibility = called.size === 0 ? '' : visibilityOf(namespace, called, input.visibility);
  const silent = services.filter((key) => (known.get(key)?.count ?? 0) === 0);
  const header = [
    `Learned from what was seen in namespace ${namespace} from ${time(now - observed)} to ${time(now)}: about ${total} calls.`,
    ...tooLittle.map((text) => `TOO LITTLE: ${text}.`),
    'What it cannot know: calls that did not happen in this time (jobs by night, by week or by year; failover; new versions).',
    ...(silent.length === 0 ? [] : [`Nothing was seen of, and nothing is proposed for: ${silent.join(', ')}.`]),
    ...(keeping.missed === 0 ? [] : [`${keeping.missed} refusals and failures were too many to be told.`]),
    ...(keeping.shapesForgotten === 0
      ? []
      : [`${keeping.shapesForgotten} kinds of requests had no room and may be missing.`]),
    'Counts stand for samples where there is much traffic: about right. Look at each rule, then: weft plan -f FILE --seen',
  ];
  const parts = [...documents, ...(visibility === '' ? [] : [visibility])];
  return {
    yaml: `${header.map(comment).join('')}${parts.length === 0 ? '' : `${parts.join('---\n')}`}`,
    tooLittle,
    policies: documents.length,
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const comment = (text: string): string => `# ${text}\n`;
const trustDomainOf = (identity: string): string => /^spiffe:\/\/([^/]+)\//.exec(identity)?.[1] ?? '';

function serviceOf(known: Map<string, Service>, key: string): Service {
  let service = known.get(key);
  if (service === undefined) {
    service = { key, callers: new Map(), left: new Map(), count: 0, samples: 0 };
    known.set(key, service);
  }
  return service;
}

function take(known: Map<string, Service>, shape: SeenShape): void {
  const { addressed, peerIdentity, outcome, count, lastSeen, method, pathClass, peer } = shape;
  if (addressed === null) return;
  const service = serviceOf(known, addressed.service);
  service.samples += shape.samples;
  const who = peerIdentity === '' ? 'callers without a certificate' : peer === '' ? peerIdentity : peer;
  if (outcome === 'refused' || peerIdentity === '') {
    const what = outcome === 'refused' ? `refused (401 or 403): ${who}` : who;
    const left = service.left.get(what);
    if (left === undefined) service.left.set(what, { count, lastSeen });
    else {
      left.count += count;
      left.lastSeen = Math.max(left.lastSeen, lastSeen);
    }
    return;
  }
  service.count += count;
  const seen = callerOf(service, peerIdentity);
  seen.count += count;
  seen.lastSeen = Math.max(seen.lastSeen, lastSeen);
  seen.methods.add(shape.kind === 'tcp' || pathClass === '…' ? '' : method);
  seen.paths.add(shape.kind === 'tcp' || pathClass === '…' ? '' : pattern(pathClass));
}

function callerOf(service: Service, identity: string): Seen {
  let seen = service.callers.get(identity);
  if (seen === undefined) {
    seen = { count: 0, lastSeen: 0, methods: new Set(), paths: new Set() };
    service.callers.set(identity, seen);
  }
  return seen;
}

/** What was counted and is in no shape: who called is known, with what is not. */
function takeCounted(
  known: Map<string, Service>,
  { identity, service: key, requests, lastSeen }: LearnInput['counted'][number],
): void {
  const service = serviceOf(known, key);
  if (service.callers.has(identity)) return;
  service.count += requests;
  const seen = callerOf(service, identity);
  seen.count += requests;
  seen.lastSeen = Math.max(seen.lastSeen, lastSeen);
  seen.methods.add('');
  seen.paths.add('');
}

/** Of an AccessPolicy: `*` stands at the end alone. */
function pattern(pathClass: string): string {
  const star = pathClass.indexOf('*');
  const more = pathClass.indexOf('…');
  const end = Math.min(star < 0 ? pathClass.length : star, more < 0 ? pathClass.length : more);
  return end === pathClass.length ? pathClass : `${pathClass.slice(0, end)}*`;
}

function policyOf(service: Service, { requests }: LearnInput, ownTrust: string): string {
  const slash = service.key.indexOf('/');
  const [namespace, name] = [service.key.slice(0, slash), service.key.slice(slash + 1)];
  const lines = [
    'apiVersion: weft.dev/v1alpha1',
    'kind: AccessPolicy',
    `metadata: { name: ${`learned-${name}`.slice(0, 63)}, namespace: ${namespace} }`,
    'spec:',
    `  targetRefs: [{ kind: Service, name: ${name} }]`,
    '  action: ALLOW',
    '  rules:',
  ];
  for (const [identity, seen] of [...service.callers].toSorted(([, a], [, b]) => b.count - a.count)) {
    lines.push(`    # ${seen.count} calls, last seen ${time(seen.lastSeen)}`);
    lines.push(`    - from: [{ identities: [${JSON.stringify(short(identity, ownTrust))}] }]`);
    const open = seen.methods.has('') || seen.paths.has('');
    if (requests && !open) {
      const methods = [...seen.methods].toSorted().join(', ');
      const paths = [...seen.paths].toSorted().slice(0, MOST_PATHS);
      const list = seen.paths.size > MOST_PATHS ? [] : paths.map((path) => JSON.stringify(path));
      lines.push(`      to: [{ methods: [${methods}]${list.length === 0 ? '' : `, paths: [${list.join(', ')}]`} }]`);
      if (list.length === 0) lines.push(`      # ${seen.paths.size} kinds of paths are too many for a rule`);
    } else if (requests) lines.push('      # with which methods and paths is not known of all of them');
  }
  for (const [what, { count, lastSeen }] of service.left)
    lines.push(`    # NOT proposed: ${count} x ${what}, last seen ${time(lastSeen)}`);
  return `${lines.join('\n')}\n`;
}

/** Of an AccessPolicy (core/resources/access-policy): at most 64 paths. */
const MOST_PATHS = 64;

/** `NAMESPACE/ACCOUNT` in the mesh's own trust domain. */
function short(identity: string, ownTrust: string): string {
  const [, trust, namespace, account] = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
  return trust === ownTrust && namespace !== undefined ? `${namespace}/${account}` : identity;
}

/** Services that workloads of the namespace called, by key. */
function calledBy(shapes: readonly SeenShape[]): Map<string, { count: number; lastSeen: number }> {
  const called = new Map<string, { count: number; lastSeen: number }>();
  for (const { direction, addressed, count, lastSeen } of shapes) {
    if (direction !== 'outbound' || addressed === null || addressed.gateway) continue;
    const known = called.get(addressed.service);
    if (known === undefined) called.set(addressed.service, { count, lastSeen });
    else {
      known.count += count;
      known.lastSeen = Math.max(known.lastSeen, lastSeen);
    }
  }
  return called;
}

/** `known`: else it is told in comments, and nothing refuses the file. */
function visibilityOf(
  namespace: string,
  called: ReadonlyMap<string, { readonly count: number; readonly lastSeen: number }>,
  known: boolean,
): string {
  const lines = [
    'apiVersion: weft.dev/v1alpha1',
    'kind: Visibility',
    `metadata: { name: learned, namespace: ${namespace} }`,
    'spec:',
    `  targetRefs: [{ kind: Namespace, name: ${namespace} }]`,
    '  services:',
  ];
  for (const [key, { count, lastSeen }] of [...called].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const slash = key.indexOf('/');
    lines.push(`    # ${count} calls, last seen ${time(lastSeen)}`);
    lines.push(`    - { namespace: ${key.slice(0, slash)}, name: ${key.slice(slash + 1)} }`);
  }
  return known ? `${lines.join('\n')}\n` : lines.map((line) => `# ${line}\n`).join('');
}
