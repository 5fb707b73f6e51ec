/**
 * The smallest change that would let a refused request through. Each candidate is tried: the objects are changed, assembled and compiled,
 * and the question is asked again. What is told here works.
 */
import { parseWorkloadIdentity } from '@weft/core/identity';
import {
  type MeshView,
  nameOf as nameOfKey,
  namespaceOf as namespaceOfKey,
  ONLY,
  type WorkloadAccessRow,
} from '@weft/core/mesh-view';
import { type AccessPolicy, EXPORT_ANNOTATION, type StoredObject, type Visibility } from '@weft/core/resources';
import { type Rule, exceptionsOf } from './exceptions.ts';
import { explain, isAnswer } from './explain.ts';
import type { Arrival, Explanation } from './explanation.ts';
import type { Question, StatedRequest } from './question.ts';
import type { World } from './world.ts';

export interface Remedy {
  /** An imperative sentence. */
  readonly change: string;
  /** Where; undefined: `object` is new. */
  readonly source: string | undefined;
  /** As it should be. */
  readonly object: StoredObject;
}

/** undefined: the request is not refused by a policy, nor hidden, or no single change helps. */
export function remedyOf(world: World, question: Question, explanation: Explanation): Remedy | undefined {
  if (explanation.verdict.kind === 'not-visible')
    return shown(world, explanation) ?? exported(world, explanation, question);
  if (explanation.entry?.word.allowed === false) return letIn(world, question, explanation);
  const refused = explanation.arrivals.find(({ allowed, by }) => !allowed && (by === 'connection' || by === 'request'));
  const identity = explanation.caller.identity;
  if (refused === undefined || identity === undefined) return undefined;
  const before = refusedShare(explanation);
  // A change that leaves nothing refused goes before a smaller one that lets a part through.
  let partly: Remedy | undefined;
  const share = (object: StoredObject): number => {
    const after = explain(world.with([object]), question);
    return isAnswer(after) ? refusedShare(after) : Number.POSITIVE_INFINITY;
  };
  for (const candidate of candidates(world, refused, identity, question.request, share)) {
    const left = share(candidate.object);
    if (left === 0) return candidate;
    if (left < before) partly ??= candidate;
  }
  return partly;
}

/** At a Gateway that asks clients for certificates: what its policies refuse by identity. */
function letIn(world: World, question: Question, { entry, caller, verdict }: Explanation): Remedy | undefined {
  const mesh = world.meshOf('gateway', question.to);
  if (mesh === undefined || entry === undefined || caller.identity === undefined || verdict.kind !== 'denied')
    return undefined;
  const view = world.view(mesh);
  const listener = view.gateway.get(entry.gateway)?.listeners.find(({ source }) => source === entry.source);
  const policies = (view.edgeAccess.get(listener?.key ?? '') ?? [])
    .filter(({ action }) => action === 'ALLOW')
    .flatMap((row) => policyNamed(world, row) ?? []);
  const own = entryFor(caller.identity, view) ?? { identities: [caller.identity] };
  const left = (object: StoredObject): number => {
    const after = explain(world.with([object]), question);
    return isAnswer(after) && after.entry?.word.allowed === true ? refusedShare(after) : 1;
  };
  const tried =
    entry.word.source === undefined
      ? additions(policies, own, question.request)
      : exceptions(world, entry.word.source, left);
  return tried.find(({ object }) => left(object) === 0);
}

/** The service as one more entry of the Visibility that hides it. */
function shown(world: World, { service, verdict: { source } }: Explanation): Remedy | undefined {
  const [object] = source?.split('#', 1) ?? [];
  const found = world.objects.find((one): one is Visibility => one.kind === 'Visibility' && nameOf(one) === object);
  const [namespace, name] = [namespaceOfKey(service), nameOfKey(service)];
  return found === undefined
    ? undefined
    : {
        change: `add { namespace: ${namespace}, name: ${name} } to \`services\``,
        source,
        object: {
          ...found,
          spec: { ...found.spec, services: [...found.spec.services, { namespace, name }] },
        } as Visibility,
      };
}

/** The caller's mesh as one more name in the service's annotation. */
function exported(world: World, { verdict: { source } }: Explanation, { from }: Question): Remedy | undefined {
  const mesh = from.kind === 'workload' ? world.meshOf('workload', from.key) : undefined;
  const found = world.objects.find((one) => one.kind === 'Service' && nameOf(one) === source);
  if (mesh === undefined || found === undefined) return undefined;
  const before = found.metadata.annotations[EXPORT_ANNOTATION] ?? '';
  const annotations = {
    ...found.metadata.annotations,
    [EXPORT_ANNOTATION]: before.trim() === '' ? mesh : `${before}, ${mesh}`,
  };
  return {
    change: `add ${mesh} to its annotation ${EXPORT_ANNOTATION}`,
    source,
    object: { ...found, metadata: { ...found.metadata, annotations } },
  };
}

/** What policies refuse: a backend that nobody is behind no policy lets through. */
const refusedShare = ({ arrivals }: Explanation): number =>
  arrivals.reduce(
    (sum, { allowed, by, share }) => (allowed || (by !== 'connection' && by !== 'request') ? sum : sum + share),
    0,
  );

function candidates(
  world: World,
  refused: Arrival,
  identity: string,
  request: StatedRequest,
  share: (object: StoredObject) => number,
): Remedy[] {
  const mesh = world.meshOf('workload', refused.workloads[0] ?? '');
  if (mesh === undefined) return [];
  const view = world.view(mesh);
  // Refused by a default, by whichever object of the mesh it is.
  return refused.source === undefined || refused.source.startsWith('Mesh/')
    ? allowances(world, view, refused, identity, request)
    : exceptions(world, refused.source, share);
}

/** One more entry in a rule that allows others; else a rule of its own in a policy; else a policy. */
function allowances(
  world: World,
  view: MeshView,
  refused: Arrival,
  identity: string,
  request: StatedRequest,
): Remedy[] {
  const rows = (view.accessPolicies.get(refused.workloads[0] ?? '') ?? []).filter(({ action }) => action === 'ALLOW');
  const policies = rows.flatMap((row) => policyNamed(world, row) ?? []);
  const entry = entryFor(identity, view);
  if (entry === undefined) return [];
  return [...additions(policies, entry, request), ...newPolicy(view, refused, entry, wordsOf(entry))];
}

const wordsOf = (entry: Entry): string =>
  `{ ${Object.entries(entry)
    .map(([field, names]) => `${field}: [${names.join()}]`)
    .join(', ')} }`;

/** The caller in rules of policies that are there, what opens least first. */
function additions(policies: readonly AccessPolicy[], entry: Entry, request: StatedRequest): Remedy[] {
  const words = wordsOf(entry);
  const entries = policies.flatMap((policy) =>
    policy.spec.rules.flatMap((rule, index): Opening[] =>
      rule.from === undefined
        ? []
        : [
            {
              opens: requestsOf(rule),
              remedy: {
                change: `add ${words} to \`from\``,
                source: `${nameOf(policy)}#spec.rules[${index}].from`,
                object: withRule(policy, index, { ...rule, from: [...rule.from, entry] }),
              },
            },
          ],
    ),
  );
  const rules = policies.map(
    (policy): Remedy => ({
      change: `add the rule { from: [${words}] }`,
      source: `${nameOf(policy)}#spec.rules`,
      object: { ...policy, spec: { ...policy.spec, rules: [...policy.spec.rules, { from: [entry] }] } } as AccessPolicy,
    }),
  );
  const destinations = policies.flatMap((policy) =>
    policy.spec.rules.flatMap((rule, index) => wider(policy, rule, index, request)),
  );
  const openings = [...entries, ...destinations].sort((a, b) => a.opens - b.opens);
  return [...openings.map(({ remedy }) => remedy), ...rules];
}

interface Opening {
  readonly remedy: Remedy;
  /** How much it lets through, in requests of one caller or callers of one request. */
  readonly opens: number;
}

/** What stands for "any" of something, and for all that begin alike. */
const ANY_METHOD = 10;
const ANY_PATH = 10_000;
const ALIKE = 100;
const ANY_CALLER = 10_000;

/** Requests that a rule is about, by what its `to` names. */
function requestsOf({ to }: Rule): number {
  if (to === undefined) return ANY_METHOD * ANY_PATH;
  return sum(to, ({ methods, paths, pathRegexes }) => {
    const named =
      paths === undefined
        ? pathRegexes === undefined
          ? ANY_PATH
          : ALIKE * pathRegexes.length
        : sum(paths, (path) => (path.endsWith('*') ? ALIKE : 1));
    return (methods?.length ?? ANY_METHOD) * named;
  });
}

/** Callers that a rule is about, by what its `from` names. */
function callersOf({ from }: Rule): number {
  if (from === undefined) return ANY_CALLER;
  return sum(from, ({ identities, accounts, namespaces }) => {
    if (identities !== undefined) return identities.length;
    return accounts === undefined ? ALIKE * (namespaces?.length ?? ALIKE) : accounts.length * (namespaces?.length ?? 1);
  });
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);

/** The method and path of the request beside what the rule is about. */
function wider(policy: AccessPolicy, rule: Rule, index: number, { method, path }: StatedRequest): Opening[] {
  if (rule.to === undefined) return [];
  const entry = { methods: [method], paths: [path.split('?', 1)[0] ?? '/'] };
  return [
    {
      opens: callersOf(rule),
      remedy: {
        change: `add { methods: [${entry.methods.join()}], paths: [${entry.paths.join()}] } to \`to\``,
        source: `${nameOf(policy)}#spec.rules[${index}].to`,
        object: withRule(policy, index, { ...rule, to: [...rule.to, entry] }),
      },
    },
  ];
}

type Entry =
  | {
      readonly trustDomains?: readonly string[];
      readonly namespaces: readonly string[];
      readonly accounts: readonly string[];
    }
  /** Of another form than a workload's. */
  | { readonly identities: readonly string[] };

/** Its trust domain is named where it is not that of the policy's mesh. */
function entryFor(identity: string, view: MeshView): Entry | undefined {
  const parsed = parseWorkloadIdentity(identity);
  if (!parsed.ok) return undefined;
  const { trustDomain, namespace, account } = parsed.value;
  const own = view.mesh.get(ONLY)?.trustDomain === trustDomain;
  return { ...(own ? {} : { trustDomains: [trustDomain] }), namespaces: [namespace], accounts: [account] };
}

function newPolicy(view: MeshView, refused: Arrival, entry: Entry, words: string): Remedy[] {
  const service = refused.port.slice(0, refused.port.lastIndexOf('/'));
  const [namespace = '', name = ''] = service.split('/');
  if (!view.service.has(service)) return [];
  const object: StoredObject<unknown> = {
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'AccessPolicy',
    metadata: {
      name: `${name}-callers`,
      namespace,
      uid: 'proposed',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '1970-01-01T00:00:00Z',
      labels: {},
      annotations: {},
    },
    spec: { targetRefs: [{ kind: 'Service', name }], action: 'ALLOW', rules: [{ from: [entry] }] },
  };
  return [
    {
      change: `create an AccessPolicy for Service ${name} with the rule { from: [${words}] }`,
      source: undefined,
      object,
    },
  ];
}

/** The least of the rule that refuses, taken out; of the policy, if that is its only rule, the rule. `share`: what stays refused of the call with that object. */
function exceptions(world: World, source: string, share: (object: StoredObject) => number): Remedy[] {
  const found = /^(.*)#spec\.rules\[(\d+)\]/.exec(source);
  const index = Number(found?.[2]);
  const policy = world.objects.find((object): object is AccessPolicy => nameOf(object) === found?.[1]);
  const rule = policy?.spec.rules[index];
  if (policy === undefined || rule === undefined) return [];
  const instead = (left: Rule | undefined): AccessPolicy => ({
    ...policy,
    spec: { ...policy.spec, rules: policy.spec.rules.flatMap((one, at) => (at === index ? (left ?? []) : one)) },
  });
  const goal = share(instead(undefined));
  return exceptionsOf(rule, (left) => share(instead(left)) <= goal).map(({ change, at, rule: left }) => ({
    change,
    source: `${source}${at}`,
    object: instead(left),
  }));
}

const withRule = (policy: AccessPolicy, index: number, rule: Rule): AccessPolicy => ({
  ...policy,
  spec: { ...policy.spec, rules: policy.spec.rules.map((one, at) => (at === index ? rule : one)) },
});

const policyNamed = (world: World, { source }: WorkloadAccessRow): AccessPolicy | undefined =>
  world.objects.find((object): object is AccessPolicy => nameOf(object) === source.split('#', 1)[0]);

const nameOf = ({ kind, metadata: { namespace, name } }: StoredObject): string => `${kind}/${namespace}/${name}`;
