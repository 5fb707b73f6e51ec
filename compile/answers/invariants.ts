/** Which Invariants do not hold: each is asked of the compiled mesh as a set of questions whose answer must be a refusal. */
import { matchesIdentity, type IdentityPattern } from '@weft/core/identity';
import type { Diagnostic } from '@weft/core/kernel';
import { byName, ONLY, portKey, type MeshView, type WorkloadRow } from '@weft/core/mesh-view';
import { excludedBy, type Invariant, type NeverRule, objectName, patternsOf } from '@weft/core/resources';
import { explain, isAnswer } from './explain.ts';
import type { Explanation } from './explanation.ts';
import { exposedBehind, exposedTo } from './exposed.ts';
import { modeOf, sentPlaintext } from './modes.ts';
import { poses } from './balancers.ts';
import { entriesTo, whenAllRuns } from './entering.ts';
import { type Caller, OUTSIDER } from './question.ts';
import type { World } from './world.ts';

/** So many violations of one invariant are told. */
const MOST = 5;

export function brokenInvariants(world: World): Diagnostic[] {
  const invariants = world.objects.filter((object): object is Invariant => object.kind === 'Invariant');
  const entered = invariants.some(({ spec }) => spec.outside !== undefined) ? whenAllRuns(world) : world;
  return invariants
    .toSorted((a, b) => byName(nameOf(a), nameOf(b)))
    .flatMap((invariant) => broken(world, entered, invariant));
}

/** `entered`: what is asked about those who come from outside. */
function broken(world: World, entered: World, invariant: Invariant): Diagnostic[] {
  const { namespace } = invariant.metadata;
  const mesh = world.meshOfNamespace(namespace);
  if (mesh === undefined) return [];
  const view = world.view(mesh);
  const found: Diagnostic[] = [];
  const say = (path: string, message: string): void => {
    const text = invariant.spec.description === undefined ? message : `${message} (${invariant.spec.description})`;
    const remedy = 'see `weft explain` for who lets it through, or change the invariant';
    found.push({
      severity: 'error',
      code: 'invariant-broken',
      message: text,
      place: { object: nameOf(invariant), path },
      remedy,
    });
  };
  for (const { service, port } of protectedPorts(view, invariant)) {
    const name = `${service}:${port}`;
    if (invariant.spec.encrypted)
      for (const text of plaintextTo(world, view, service, port)) say('spec.encrypted', `${name}: ${text}`);
    for (const [index, rule] of invariant.spec.never.entries())
      for (const text of reachedBy(world, view, invariant, rule, service, port))
        say(`spec.never[${index}]`, `${name}: ${text}`);
  }
  if (invariant.spec.outside !== undefined)
    for (const { service, port } of protectedPorts(entered.view(mesh), invariant))
      for (const text of entriesTo(entered, invariant.spec.outside, service, port))
        say('spec.outside', `${service}:${port}: ${text}`);
  return found.slice(0, MOST);
}

const nameOf = ({ metadata: { namespace, name } }: Invariant): string => objectName('Invariant', namespace, name);

interface Protected {
  readonly service: string;
  readonly port: number;
}

/** Service ports that an invariant is about. */
export function protectedPorts(view: MeshView, { metadata: { namespace }, spec }: Invariant): Protected[] {
  const ports = new Map<string, Protected>();
  for (const { kind, name, sectionName } of spec.targetRefs)
    for (const service of view.service.values()) {
      if (kind === 'Service' && service.key !== `${namespace}/${name}`) continue;
      if (kind === 'Namespace' && service.namespace !== namespace) continue;
      for (const port of service.ports)
        if (sectionName === undefined || port.name === sectionName)
          ports.set(`${service.key}/${port.port}`, { service: service.key, port: port.port });
    }
  return [...ports.values()];
}

/** Endpoints that take plaintext, and callers whose proxies send it. */
function plaintextTo(world: World, view: MeshView, service: string, port: number): string[] {
  const said: string[] = [];
  if (OUTSIDER !== undefined) {
    const answer = explain(world, { from: OUTSIDER, to: service, port, request: GET });
    if (isAnswer(answer) && passes(answer)) said.push('a caller without a certificate gets an answer');
  }
  for (const { workload, row } of exposedBehind(view, portKey(service, port)))
    said.push(`${row.paths.join(', ')} of ${workload} are answered in plaintext, by ${row.source}`);
  const [caller] = view.workload.keys();
  if (caller === undefined) return said;
  const answer = explain(world, { from: { kind: 'workload', key: caller }, to: service, port, request: GET });
  if (!isAnswer(answer)) return said;
  for (const { port: to, transport } of answer.routing?.backends ?? []) {
    if (to === undefined) continue;
    const [first, ...others] = sentPlaintext(view, to);
    if (transport !== 'plaintext' && first === undefined) continue;
    const { mode, source } = modeOf(view, to);
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    const whom = transport === 'plaintext' || first === undefined ? 'it' : `${first.workload}${more}`;
    said.push(`the proxies of the mesh send plaintext to ${whom}${mode === 'strict' ? '' : `, by ${source}`}`);
  }
  return said;
}

const GET = { method: 'GET', path: '/', headers: [] };

const passes = ({ verdict }: Explanation): boolean => verdict.kind === 'allowed' || verdict.kind === 'mixed';

function reachedBy(
  world: World,
  view: MeshView,
  invariant: Invariant,
  rule: NeverRule,
  service: string,
  port: number,
): string[] {
  const said: string[] = [];
  for (const { caller, name } of callersOf(world, view, invariant, rule))
    for (const { method, path } of rule.requests) {
      // A workload may go around its own proxy's routes: only the called side refuses.
      const answer = explain(world, {
        from: caller,
        to: service,
        port,
        request: { method, path, headers: [] },
        direct: true,
      });
      const exposed = exposedTo(world, service, port, { method, path, headers: [] });
      if (exposed !== undefined && !(isAnswer(answer) && passes(answer))) {
        said.push(`${name} gets through with ${method} ${path} as anybody does, by ${exposed.row.source}`);
        break;
      }
      if (!isAnswer(answer) || !passes(answer)) continue;
      const what = answer.protocol === 'tcp' ? '' : ` with ${method} ${path}`;
      said.push(`${name} gets through${what}`);
      break;
    }
  return said;
}

interface Named {
  readonly caller: Caller;
  readonly name: string;
}

/** One workload an identity, region, network, load balancers it may pass for, and what routes ask about callers, of every mesh: the others fare as it does. */
function callersOf(
  world: World,
  view: MeshView,
  { metadata: { namespace } }: Invariant,
  { from, regions, notRegions }: NeverRule,
): Named[] {
  const trustDomain = view.mesh.get(ONLY)?.trustDomain ?? '';
  const meant = (from ?? []).map((entry) => ({
    patterns: patternsOf(entry, { trustDomain, namespace }),
    not: excludedBy(entry, { trustDomain, namespace }),
  }));
  const isMeant = ({ identity }: WorkloadRow): boolean =>
    from === undefined ||
    meant.some(({ patterns, not }) => (patterns === undefined || any(patterns, identity)) && !any(not, identity));
  const classes = new Map<string, Named>();
  const all = world.meshes.flatMap((mesh) => {
    const { workload, callerConditions } = world.view(mesh);
    return [...workload.values()].map((row) => ({ row, asked: callerConditions.get(row.key) ?? [] }));
  });
  for (const { row, asked } of all) {
    const { region } = row.locality;
    if (!isMeant(row) || (regions !== undefined && !regions.includes(region)) || notRegions?.includes(region) === true)
      continue;
    const key = [row.identity, region, row.addresses[0]?.network ?? '', poses(world, view, row.key), ...asked].join(
      ' ',
    );
    if (!classes.has(key)) classes.set(key, { caller: { kind: 'workload', key: row.key }, name: row.key });
  }
  const everybody = from === undefined && regions === undefined && notRegions === undefined;
  return everybody && OUTSIDER !== undefined
    ? [...classes.values(), { caller: OUTSIDER, name: 'a caller outside the mesh' }]
    : [...classes.values()];
}

const any = (patterns: readonly IdentityPattern[], identity: string): boolean =>
  patterns.some((pattern) => matchesIdentity(pattern, identity));
