/** What is accepted and yet probably not meant: rules that never count, objects about nothing, calls that travel in plaintext. */
import { matchesIdentity, type IdentityPattern } from '@weft/core/identity';
import type { Diagnostic } from '@weft/core/kernel';
import {
  type CallerRow,
  byName,
  parsePortKey,
  type AccessRuleRow,
  type ConditionsRow,
  type HttpEntryRow,
  type HttpMatchRow,
  type MeshView,
  type MtlsMode,
  type NamedMatch,
} from '@weft/core/mesh-view';
import { type AccessPolicy, objectName, type Service } from '@weft/core/resources';
import { exposedFindings } from './exposed.ts';
import { modeAt } from './modes.ts';
import { shadowedHosts } from './shadowed-hosts.ts';
import { warning } from './warning.ts';
import type { World } from './world.ts';

/** `running`: the objects are those of a mesh that runs, so that what no workload stands behind is told too. */
export function analyse(world: World, running: boolean): Diagnostic[] {
  const found = world.meshes.flatMap((mesh) => {
    const view = world.view(mesh);
    return [
      ...routeLists(view).flatMap(neverMatching),
      ...neverEntering(view),
      ...contradictions(view),
      ...shadowedHosts(world, view),
      ...(running
        ? [...selectingNothing(world, view), ...withoutEndpoints(view), ...inPlaintext(view), ...exposedFindings(view)]
        : []),
    ];
  });
  const told = new Map([...found, ...withoutProtocol(world)].map((finding) => [JSON.stringify(finding), finding]));
  return [...told].sort(([a], [b]) => byName(a, b)).map(([, finding]) => finding);
}

/** Entries that are asked one after the other: of each service port, of each host name at each listener. */
const routeLists = (view: MeshView): readonly (readonly HttpEntryRow[])[] => [
  ...view.httpRules.values(),
  ...[...view.listenerRoutes.values()].flatMap(({ hosts }) => hosts.map(({ entries }) => entries)),
];

/** Rules for requests of a scheme that none of their route's parents has. */
function neverEntering(view: MeshView): Diagnostic[] {
  const anywhere = new Map<string, boolean>();
  const at = (scheme: 'http' | 'https', entries: readonly HttpEntryRow[]): void => {
    for (const { match, source } of entries) {
      const wanted = match.conditions?.scheme;
      if (wanted !== undefined) anywhere.set(source, anywhere.get(source) === true || wanted === scheme);
    }
  };
  for (const entries of view.httpRules.values()) at('http', entries);
  for (const { listeners } of view.gateway.values())
    for (const { key, protocol } of listeners)
      for (const { entries } of view.listenerRoutes.get(key)?.hosts ?? [])
        at(protocol === 'https' ? 'https' : 'http', entries);
  return [...anywhere].flatMap(([source, enters]) =>
    enters
      ? []
      : [
          warning(
            'never-matches',
            source,
            'no request comes in the scheme that its filter’s `conditions.scheme` asks for: callers of a service reach their own proxy in plaintext, a Gateway’s listener has one scheme',
            'attach the route to a listener of that scheme, or remove the condition',
          ),
        ],
  );
}

/** A match behind one that takes all of its requests. */
function neverMatching(entries: readonly HttpEntryRow[]): Diagnostic[] {
  return entries.flatMap((entry, index): Diagnostic[] => {
    const before = entries.slice(0, index).find((other) => covers(other.match, entry.match));
    if (before === undefined || before.rule === entry.rule) return [];
    const remedy = 'make the other match narrower, or remove this one';
    return [warning('never-matches', entry.source, `${before.source} takes all of its requests`, remedy)];
  });
}

const covers = (wide: HttpMatchRow, narrow: HttpMatchRow): boolean =>
  coversPath(wide.path, narrow.path) &&
  (wide.method === '' || wide.method === narrow.method) &&
  coversNamed(wide.headers, narrow.headers) &&
  coversNamed(wide.queryParameters, narrow.queryParameters) &&
  coversConditions(wide.conditions, narrow.conditions);

function coversPath(wide: HttpMatchRow['path'], narrow: HttpMatchRow['path']): boolean {
  if (wide.kind === 'prefix' && wide.value === '/') return true;
  if (wide.ignoreCase === true) return coversPath(inOneCase(wide), inOneCase(narrow));
  if (narrow.ignoreCase === true) return false;
  if (wide.kind === 'regex' && /^\/?\.\*$/.test(wide.regex)) return true;
  if (wide.kind === 'regex' || narrow.kind === 'regex') return JSON.stringify(wide) === JSON.stringify(narrow);
  if (wide.kind === 'exact') return narrow.kind === 'exact' && wide.value === narrow.value;
  return narrow.value === wide.value || narrow.value.startsWith(`${wide.value}/`);
}

/** Expressions of two cases are not compared. */
function inOneCase({ ignoreCase, ...path }: HttpMatchRow['path']): HttpMatchRow['path'] {
  if (path.kind === 'regex') return { ...path, regex: ignoreCase === true ? `(?i)${path.regex}` : path.regex };
  return { ...path, value: path.value.toLowerCase() };
}

const coversConditions = (wide: ConditionsRow | undefined, narrow: ConditionsRow | undefined): boolean =>
  wide === undefined ||
  ((wide.scheme === undefined || wide.scheme === narrow?.scheme) &&
    wide.from.every((key) => narrow?.from.includes(key) === true) &&
    wide.headers.every((asked) => narrow?.headers.some((other) => JSON.stringify(other) === JSON.stringify(asked))));

/** All that the wide one asks, the narrow one asks too. */
const coversNamed = (wide: readonly NamedMatch[], narrow: readonly NamedMatch[]): boolean =>
  wide.every((asked) => narrow.some((other) => JSON.stringify(other) === JSON.stringify(asked)));

/** ALLOW rules whose callers a DENY rule refuses altogether, at every workload and listener that both are about. */
function contradictions(view: MeshView): Diagnostic[] {
  const pairs = new Map<string, { readonly allow: AccessRuleRow; readonly deny: string; always: boolean }>();
  for (const policies of [...view.accessPolicies.values(), ...view.edgeAccess.values()]) {
    const denies = policies.filter(({ action, shadow }) => action === 'DENY' && !shadow);
    for (const { action, rules, ports } of policies) {
      if (action !== 'ALLOW') continue;
      for (const rule of rules) {
        const deny = denies
          .filter((one) => one.ports === undefined || JSON.stringify(one.ports) === JSON.stringify(ports))
          .flatMap((one) => one.rules)
          .find((one) => refusesAll(one, rule));
        const pair = pairs.get(rule.source);
        if (pair === undefined)
          pairs.set(rule.source, { allow: rule, deny: deny?.source ?? '', always: deny !== undefined });
        else if (deny === undefined) pair.always = false;
      }
    }
  }
  return [...pairs.values()].flatMap(({ allow, deny, always }) =>
    always
      ? [
          warning(
            'contradicting-policies',
            allow.source,
            `${deny} refuses all that it allows`,
            'remove one of the two, or except its callers',
          ),
        ]
      : [],
  );
}

/** Whether each caller of `allow` is one of `deny`, which asks about nothing else. */
function refusesAll(deny: AccessRuleRow, allow: AccessRuleRow): boolean {
  if (deny.to !== undefined && JSON.stringify(deny.to) !== JSON.stringify(allow.to)) return false;
  if (deny.from === undefined) return true;
  const patterns = deny.from.flatMap(({ identities, notIdentities, ...others }) =>
    notIdentities.length > 0 || saysMore(others) ? [] : (identities ?? []),
  );
  if (allow.from === undefined || allow.from.some(({ identities }) => identities === undefined)) return false;
  const callers = allow.from.flatMap(({ identities }) => identities ?? []);
  return callers.every((caller) => patterns.some((pattern) => coversIdentity(pattern, caller)));
}

/** Whether an entry asks about more than identities. */
const saysMore = ({
  ipBlocks,
  notIpBlocks,
  remoteIpBlocks,
  notRemoteIpBlocks,
  claims,
}: Omit<CallerRow, 'identities' | 'notIdentities'>): boolean =>
  ipBlocks !== undefined ||
  remoteIpBlocks !== undefined ||
  notIpBlocks.length > 0 ||
  notRemoteIpBlocks.length > 0 ||
  claims.length > 0;

function coversIdentity(wide: IdentityPattern, narrow: IdentityPattern): boolean {
  if (wide.kind === 'any') return true;
  if (narrow.kind === 'exact') return matchesIdentity(wide, narrow.value);
  return wide.kind === 'prefix' && narrow.kind === 'prefix' && narrow.value.startsWith(wide.value);
}

/** Access policies that no workload is under. */
function selectingNothing(world: World, view: MeshView): Diagnostic[] {
  const reached = new Set([...view.accessPolicies.values()].flat().map(({ source }) => source));
  return (
    world.objects
      .filter((object): object is AccessPolicy => object.kind === 'AccessPolicy')
      // Of a Gateway the condition tells whether it is there.
      .filter(({ spec: { targetRefs } }) => targetRefs.some(({ kind }) => kind !== 'Gateway'))
      .flatMap(({ metadata: { namespace, name } }) => {
        const source = objectName('AccessPolicy', namespace, name);
        const here =
          view.namespace.has(namespace) || [...view.service.values()].some((one) => one.namespace === namespace);
        return !here || reached.has(source)
          ? []
          : [
              warning(
                'selects-nothing',
                `${source}#spec.targetRefs`,
                'no workload that runs is under it',
                'compare targets and `workloadSelector` with `weft get workloads -A`',
              ),
            ];
      })
  );
}

/** Backends of routes with a share and nobody behind them. */
const withoutEndpoints = (view: MeshView): Diagnostic[] =>
  routeLists(view)
    .flat()
    .flatMap(({ rule }) =>
      rule.backends.flatMap((backend) => {
        if (backend.kind !== 'service' || backend.weight === 0) return [];
        const key = `${backend.service}/${backend.port}`;
        const outside = view.service.get(backend.service)?.external !== undefined;
        const stoodIn = view.failover.get(key)?.to.some((to) => view.endpoints.has(to)) === true;
        return outside || stoodIn || view.endpoints.has(key) || view.httpRules.has(key)
          ? []
          : [
              warning(
                'no-endpoints',
                backend.source,
                view.balanced.has(key)
                  ? `the ports behind ${key} are for load balancers, by PROXY headers: its share fails with 503`
                  : `no workload stands behind ${key}: its share fails with 503`,
                view.balanced.has(key) ? 'lead it to a port for the mesh' : 'start one, or take its weight away',
              ),
            ];
      }),
    );

/** What others can read on the way. */
function inPlaintext(view: MeshView): Diagnostic[] {
  const holes = [...view.endpoints].flatMap(([key, rows]) => {
    const bare = rows.filter(({ sidecar, mtls }) => !sidecar && mtls !== 'strict');
    const { service, port } = parsePortKey(key);
    const source = view.service.get(service)?.source;
    return bare.length === 0 || source === undefined
      ? []
      : [
          warning(
            'plaintext-hop',
            `${source}#spec.ports`,
            `calls to port ${port} travel in plaintext to ${bare[0]?.workload}${bare.length > 1 ? ` and ${bare.length - 1} more` : ''}, which ${bare.length > 1 ? 'have' : 'has'} no proxy`,
            'start them with `weft run`',
          ),
        ];
  });
  return [...holes, ...plaintextAccepted(view)];
}

/** Said once of whoever says so: the Mesh, or an Authentication. */
function plaintextAccepted(view: MeshView): Diagnostic[] {
  const ports = new Map<string, { readonly mode: MtlsMode; readonly at: string[] }>();
  for (const { key, ports: own } of view.workload.values())
    for (const { port } of own) {
      const { mode, source } = modeAt(view, key, port);
      if (mode === 'strict') continue;
      const said = ports.get(source) ?? { mode, at: [] };
      said.at.push(`port ${port} of Workload/${key}`);
      ports.set(source, said);
    }
  return [...ports].map(([source, { mode, at }]) => {
    const accepted =
      mode === 'permissive' ? 'anybody in reach is answered without a certificate' : 'nothing is encrypted';
    return source.startsWith('Mesh/')
      ? warning(
          'plaintext-accepted',
          source,
          `mutual TLS is ${mode}: ${accepted}`,
          'write `Strict` once every caller has a proxy',
        )
      : warning(
          'plaintext-accepted',
          source,
          `mutual TLS is ${mode} at ${at[0]}${at.length > 1 ? ` and ${at.length - 1} more` : ''}: ${accepted}`,
          'write `Strict`, or remove it, once every caller has a proxy',
        );
  });
}

/** Ports of which nobody says what they carry: they are opaque TCP, without routes, retries or metrics of requests. */
const withoutProtocol = (world: World): Diagnostic[] =>
  world.objects
    .filter((object): object is Service => object.kind === 'Service')
    .flatMap(({ metadata: { namespace, name }, spec: { ports } }) =>
      ports.flatMap((port, index) =>
        port.appProtocol !== undefined || port.name !== undefined
          ? []
          : [
              warning(
                'no-protocol',
                `${objectName('Service', namespace, name)}#spec.ports[${index}]`,
                `nothing says what port ${port.port} carries: it is taken as TCP, without routes, retries or metrics of requests`,
                'add `appProtocol`: `http`, `http2`, `grpc`, `tcp`, or `auto` to look at each connection',
              ),
            ],
      ),
    );
