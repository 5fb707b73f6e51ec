/**
 * Which Invariants traffic contradicted: a call that one forbids was seen to get through, whatever the configuration says (a proxy that has not
 * got it yet, a workload beside its proxy, a connection older than the rule). Beside `brokenInvariants`, which asks the configuration.
 */
import type { SeenShape } from '@weft/core/documents';
import { matchesIdentity } from '@weft/core/identity';
import type { Diagnostic } from '@weft/core/kernel';
import { byName, type MeshView, ONLY, portKey } from '@weft/core/mesh-view';
import {
  excludedBy,
  type Invariant,
  type NeverRule,
  objectName,
  patternsOf,
  type StoredObject,
} from '@weft/core/resources';
import { givenName } from '@weft/core/traffic';
import { behindPort } from './balancers.ts';
import { protectedPorts } from './invariants.ts';

/** Contradictions of one invariant that are told. */
const MOST = 5;

/** Times as texts (RFC 3339), and back to Unix ms. */
export interface TimeTexts {
  readonly format: (ms: number) => string;
  readonly parse: (text: string) => number;
}

/** `views` by mesh. Of shapes those that were seen since the invariant is there. */
export function contradictedInvariants(
  objects: Iterable<StoredObject>,
  views: ReadonlyMap<string, MeshView>,
  shapes: readonly SeenShape[],
  times: TimeTexts,
): Diagnostic[] {
  const invariants = [...objects].filter((object): object is Invariant => object.kind === 'Invariant');
  if (invariants.length === 0 || shapes.length === 0) return [];
  return invariants
    .toSorted((a, b) => byName(nameOf(a), nameOf(b)))
    .flatMap((invariant) => {
      const view = viewOf(views, invariant.metadata.namespace);
      return view === undefined ? [] : contradictions(view, invariant, shapes, times).slice(0, MOST);
    });
}

const nameOf = ({ metadata: { namespace, name } }: Invariant): string => objectName('Invariant', namespace, name);

function viewOf(views: ReadonlyMap<string, MeshView>, namespace: string): MeshView | undefined {
  for (const view of views.values()) if (view.namespace.has(namespace)) return view;
  return namespace === 'default' ? views.get('default') : undefined;
}

function contradictions(
  view: MeshView,
  invariant: Invariant,
  shapes: readonly SeenShape[],
  times: TimeTexts,
): Diagnostic[] {
  const { spec, metadata } = invariant;
  const since = times.parse(metadata.creationTimestamp);
  const ports = protectedPorts(view, invariant).map(({ service, port }) => portKey(service, port));
  const behind = new Set(ports.flatMap((key) => placesAt(view, key)));
  const seen = shapes.filter(({ lastSeen, outcome }) => lastSeen > since && outcome === 'answered');
  const told = new Map<string, { readonly path: string; readonly what: string; count: number; shape: SeenShape }>();
  const say = (path: string, what: string, shape: SeenShape): void => {
    const known = told.get(`${path} ${what}`);
    if (known === undefined) told.set(`${path} ${what}`, { path, what, count: shape.count, shape });
    else {
      known.count += shape.count;
      if (shape.lastSeen > known.shape.lastSeen) known.shape = shape;
    }
  };
  for (const shape of seen) {
    if (!isAbout(view, shape, ports, behind)) continue;
    const { direction, secured, workload, addressed, kind, method, pathClass, peer } = shape;
    // What the caller's own proxy answered went nowhere.
    if (spec.encrypted && !secured && (direction === 'inbound' || peer !== ''))
      say(
        'spec.encrypted',
        direction === 'inbound'
          ? `a caller without a certificate got an answer of ${workload}`
          : `the proxy of ${workload} sent plaintext to ${addressed?.service ?? ''}`,
        shape,
      );
    if (direction !== 'inbound') continue;
    for (const [index, rule] of spec.never.entries())
      if (isForbidden(view, invariant, rule, shape)) {
        const who = shape.peerIdentity === '' ? 'a caller without a certificate' : shape.peerIdentity;
        say(
          `spec.never[${index}]`,
          `${who} got through to ${workload} with ${kind === 'tcp' ? 'a connection' : `${method} ${pathClass}`}`,
          shape,
        );
      }
  }
  return [...told.values()].map(({ path, what, count, shape }) => ({
    severity: 'error',
    code: 'invariant-contradicted',
    message: `${what}: ${count} times, last ${times.format(shape.lastSeen)}${spec.description === undefined ? '' : ` (${spec.description})`}`,
    place: { object: nameOf(invariant), path },
    remedy:
      shape.example.requestId === ''
        ? 'see `weft edges` for who calls without mutual TLS'
        : `see \`weft why ${shape.example.requestId}\``,
  }));
}

/** Workloads, by given name, and the ports of theirs that others connect to. */
const placesAt = (view: MeshView, key: string): string[] =>
  behindPort(view, key).map(({ workload, port }) => `${givenName(workload)} ${port}`);

/** A call to a protected port: by the name that was asked, or at the workload behind it by whatever name. */
function isAbout(
  view: MeshView,
  { addressed, direction, workload }: SeenShape,
  ports: readonly string[],
  behind: ReadonlySet<string>,
): boolean {
  if (addressed === null || addressed.gateway) return false;
  const key = portKey(addressed.service, addressed.port);
  if (ports.includes(key)) return true;
  return (
    direction === 'inbound' &&
    placesAt(view, key).some((place) => place.startsWith(`${workload} `) && behind.has(place))
  );
}

function isForbidden(view: MeshView, invariant: Invariant, rule: NeverRule, shape: SeenShape): boolean {
  const { from, regions, notRegions, requests } = rule;
  const { peerIdentity, kind, method, example } = shape;
  const context = { trustDomain: view.mesh.get(ONLY)?.trustDomain ?? '', namespace: invariant.metadata.namespace };
  if (
    from !== undefined &&
    !from.some((entry) => {
      const patterns = patternsOf(entry, context);
      return (
        (patterns === undefined || patterns.some((pattern) => matchesIdentity(pattern, peerIdentity))) &&
        !excludedBy(entry, context).some((pattern) => matchesIdentity(pattern, peerIdentity))
      );
    })
  )
    return false;
  // Callers outside are meant only where nobody in particular is.
  if (peerIdentity === '' && (from ?? regions ?? notRegions) !== undefined) return false;
  if (!isInRegion(view, rule, peerIdentity)) return false;
  const [only] = requests;
  // Without requests it is about callers, whatever they ask.
  if (kind === 'tcp' || (requests.length === 1 && only?.method === 'GET' && only.path === '/')) return true;
  const bare = (path: string): string => path.split('?', 1)[0] ?? '';
  return requests.some((request) => request.method === method && bare(request.path) === bare(example.path));
}

/** Of an account whose workloads are in several regions nobody can say which of them called: then no. */
function isInRegion(view: MeshView, { regions, notRegions }: NeverRule, identity: string): boolean {
  if (regions === undefined && notRegions === undefined) return true;
  const rows = [...view.workload.values()].filter((row) => row.identity === identity);
  return (
    rows.length > 0 &&
    rows.every(
      ({ locality: { region } }) =>
        (regions === undefined || regions.includes(region)) && notRegions?.includes(region) !== true,
    )
  );
}
