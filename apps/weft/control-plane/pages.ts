/** What the control plane answers beside objects: its proxies, what each was told, findings, join tokens, metrics. Documents are stable. */
import { formatJoinToken } from '@weft/core/agent-api';
import type { ConfigChangeDocument, FindingsDocument, ProxiesDocument, ProxyDocument } from '@weft/core/documents';
import { type Diagnostic, formatDiagnostic, type WallClock } from '@weft/core/kernel';
import { objectKey } from '@weft/core/mesh-view';
import {
  type Answer,
  answer,
  badRequest,
  type Call,
  type ExtraRoute,
  hasRole,
  notFound,
  type Outcome,
  readJson,
  refuse,
} from '@weft/control/api';
import type { Authorities, JoinTokens, Refusals, TrustChanges } from '@weft/control/authority';
import type { Federation } from '@weft/control/federation';
import type { IssuerKeys } from '@weft/control/issuer-keys';
import type { ObserveService, TrafficSource } from '@weft/control/observe';
import { idlePatches, type Plane } from '@weft/control/plane';
import type { Registry } from '@weft/control/registry';
import type { ClientStatus, XdsServer } from '@weft/control/xds';
import { OPEN_METRICS_TYPE, PLAIN_TYPE, wantsOpenMetrics } from '@weft/core/metrics';
import { openBesideProxy } from '../answers/open-ports.ts';
import { authorityPages } from './authority-pages.ts';
import type { Log } from '../log.ts';
import { expositionOf, type Family, type PlaneMetrics } from './metrics.ts';
import { configDocument } from './config-document.ts';
import { hops } from './hops.ts';
import { tapPages } from './tap-page.ts';
import { tracePages } from './trace-pages.ts';
import { trafficPages } from './traffic-pages.ts';

export interface PagesOptions {
  readonly plane: Plane;
  readonly issuerKeys: IssuerKeys;
  readonly federation: Federation;
  /** What their ServiceLevels say. */
  readonly serviceLevels: () => readonly Diagnostic[];
  /** Invariants that traffic contradicted. */
  readonly contradicted: () => readonly Diagnostic[];
  readonly xds: XdsServer;
  readonly registry: Registry;
  readonly authorities: Authorities;
  readonly trust: TrustChanges;
  readonly wall: WallClock;
  readonly tokens: JoinTokens;
  readonly refusals: Refusals;
  readonly metrics: PlaneMetrics;
  /** All metrics of the control plane, as they stand now. */
  readonly families: () => readonly Family[];
  readonly traffic: TrafficSource;
  readonly observe: () => ObserveService;
  readonly log: Log;
  /** Ends a registration and what it holds; false when there is none of that name. */
  readonly revoke: (registration: string) => Promise<boolean>;
  /** `host:port` that a join token names. */
  readonly address: () => string;
}

const viewers: ExtraRoute['allowed'] = (user) => hasRole(user, 'view');
const admins: ExtraRoute['allowed'] = (user) => hasRole(user, 'admin');

export function controlPlanePages(options: PagesOptions): ExtraRoute[] {
  const { plane, xds } = options;
  return [
    {
      method: 'GET',
      path: '/weft/v1/proxies',
      allowed: viewers,
      run: () => answer({ proxies: proxies(options) } satisfies ProxiesDocument),
    },
    {
      method: 'GET',
      path: '/weft/v1/proxies/:namespace/:name/config',
      allowed: viewers,
      run: ({ params }) => {
        const id = `${params.namespace ?? ''}/${params.name ?? ''}`;
        const [compiled] = plane.compiled(id);
        return compiled === undefined
          ? { code: 404, body: { message: `no proxy ${id} is connected` } }
          : answer(configDocument(compiled.proxy, compiled.config));
      },
    },
    {
      method: 'GET',
      path: '/weft/v1/proxies/:namespace/:name/changes/:revision',
      allowed: viewers,
      run: (call) => configChanges(plane, call),
    },
    {
      method: 'GET',
      path: '/weft/v1/findings',
      allowed: viewers,
      run: async () => {
        await plane.settled();
        const converged = await xds.converged(5000);
        return answer({
          converged,
          findings: findings(options).map((finding) => ({ ...finding, text: formatDiagnostic(finding) })),
        } satisfies FindingsDocument);
      },
    },
    {
      method: 'POST',
      path: '/weft/v1/tokens',
      allowed: admins,
      run: (call) => createToken(options, call),
    },
    {
      method: 'POST',
      path: '/weft/v1/revocations',
      allowed: admins,
      run: (call) => revoke(options, call),
    },
    ...authorityPages(options),
    {
      method: 'GET',
      path: '/metrics',
      allowed: viewers,
      run: ({ request }) => {
        const open = wantsOpenMetrics(request.headers.accept ?? '');
        return { code: 200, type: open ? OPEN_METRICS_TYPE : PLAIN_TYPE, body: expositionOf(options.families(), open) };
      },
    },
    ...trafficPages(options.traffic),
    ...tracePages(options.observe),
    ...tapPages(options.observe, options.log),
  ];
}

/** Rows of one change that are told. */
const CHANGED_ROWS = 100;

async function configChanges(plane: Plane, { params }: Call): Promise<Answer> {
  const id = `${params.namespace ?? ''}/${params.name ?? ''}`;
  const revision = Number(params['revision']);
  if (!Number.isSafeInteger(revision)) return refuse(badRequest('the revision must be a whole number'));
  const found = await plane.changeOf(id, revision);
  if (found === undefined) return { code: 404, body: { message: `no proxy ${id} is connected` } };
  if (!found.ok) return { code: found.error.code === 'compacted' ? 410 : 404, body: { message: found.error.message } };
  const rows = found.value.slice(0, CHANGED_ROWS);
  return answer({ revision, rows, more: found.value.length - rows.length } satisfies ConfigChangeDocument);
}

/** What assembling and compiling found wrong, and what proxies refused. */
function findings({
  plane,
  issuerKeys,
  federation,
  xds,
  registry,
  serviceLevels,
  contradicted,
}: PagesOptions): Diagnostic[] {
  const compiled = plane
    .findings()
    .flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity !== 'info'));
  const rejected = xds.clients().flatMap(({ proxy, rejections, inexpressible }): Diagnostic[] => [
    ...rejections.map(({ name, reason, sources }): Diagnostic => {
      const [source] = sources;
      const hash = source?.indexOf('#') ?? -1;
      return {
        severity: 'error',
        code: 'rejected',
        message: `proxy ${proxy.id} (${proxy.engine.name}) refused ${name}: ${reason}`,
        place:
          source === undefined
            ? {}
            : {
                object: hash < 0 ? source : source.slice(0, hash),
                path: hash < 0 ? undefined : source.slice(hash + 1),
              },
      };
    }),
    ...inexpressible.flatMap(({ diagnostics }) => diagnostics),
  ]);
  const idle = idlePatches(xds.clients()).map(({ source }): Diagnostic => {
    const [object, path] = source.split('#', 2);
    return {
      severity: 'warning',
      code: 'nothing-to-patch',
      message: 'it finds nothing to change in any connected proxy that it is about',
      place: { object, path },
      remedy: 'compare the names in `match` with those of `weft config`',
    };
  });
  const stored = [...plane.objects.objects];
  const unfetched = [...issuerKeys.findings(stored), ...federation.findings(stored)];
  return [
    ...(plane.assembly?.diagnostics ?? []),
    ...compiled,
    ...openBesideProxy(stored, plane.assembly, ({ metadata: { namespace, name } }) =>
      registry.openPortsOf(objectKey(namespace, name)),
    ),
    ...unfetched,
    ...serviceLevels(),
    ...contradicted(),
    ...rejected,
    ...idle,
  ];
}

export function proxies({
  plane,
  xds,
  registry,
  metrics,
}: Pick<PagesOptions, 'plane' | 'xds' | 'registry' | 'metrics'>): ProxyDocument[] {
  const clients = new Map<string, ClientStatus>();
  for (const client of xds.clients()) clients.set(client.proxy.id, client);
  const known = new Set(clients.keys());
  for (const { metadata } of workloads(plane)) known.add(`${metadata.namespace}/${metadata.name}`);
  return [...known].sort().map((id) => {
    const slash = id.indexOf('/');
    const base = { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
    const registration = registry.holderOf(id)?.id;
    const expires = registration === undefined ? undefined : metrics.certificates.get(registration);
    const certificateExpires = expires === undefined ? '' : new Date(expires).toISOString();
    const client = clients.get(id);
    if (client === undefined) {
      const mesh = plane.meshOf(base.namespace)?.mesh ?? '';
      return {
        ...base,
        mesh,
        role: '',
        engine: '',
        engineVersion: '',
        connected: false,
        state: 'disconnected',
        since: '',
        reasons: [],
        notes: [],
        certificateExpires,
        resources: {},
        hops: {},
      };
    }
    const { proxy } = client;
    const found = plane.compiled(id);
    const compiled = found.flatMap(({ diagnostics }) => diagnostics);
    const [first] = found;
    return {
      ...base,
      mesh: proxy.mesh,
      role: proxy.role,
      engine: proxy.engine.name,
      engineVersion: proxy.engine.version,
      connected: true,
      state: client.phase,
      since: new Date(client.since).toISOString(),
      reasons: [
        ...client.rejections.map(({ type, name, reason }) => `${type} ${name}: ${reason}`),
        ...client.inexpressible.flatMap(({ name, diagnostics }) =>
          diagnostics.map((diagnostic) => `${name}: ${formatDiagnostic(diagnostic)}`),
        ),
        ...compiled.filter(({ severity }) => severity !== 'info').map(formatDiagnostic),
      ],
      notes: compiled.filter(({ severity }) => severity === 'info').map(formatDiagnostic),
      certificateExpires,
      resources: Object.fromEntries(client.tables.map(({ type, resources }) => [type, resources])),
      hops: first === undefined ? {} : hops(first.config),
    };
  });
}

function workloads(plane: Plane): { readonly metadata: { readonly namespace: string; readonly name: string } }[] {
  return [...plane.objects.objects].filter(({ kind }) => kind === 'Workload');
}

async function createToken({ plane, tokens, authorities, address }: PagesOptions, { request }: Call): Promise<Outcome> {
  const body = await readJson(request);
  if (!body.ok) return refuse(body.error);
  const bad = (message: string): Answer => refuse(badRequest(message));
  if (typeof body.value !== 'object' || body.value === null) return bad('the body must be an object');
  const { namespace, account, ttlMs, ...rest } = body.value as Record<string, unknown>;
  if (Object.keys(rest).length > 0) return bad(`unknown fields: ${Object.keys(rest).join(', ').slice(0, 200)}`);
  if (typeof namespace !== 'string' || typeof account !== 'string') return bad('namespace and account are required');
  if (typeof ttlMs !== 'number' || !Number.isInteger(ttlMs) || ttlMs < 1000 || ttlMs > 86_400_000)
    return bad('ttlMs must be 1000 to 86400000');
  const mesh = plane.meshOf(namespace);
  if (mesh === undefined) return bad(`there is no namespace ${namespace}: create it first`);
  const made = await tokens.create({ ...mesh, namespace, account }, ttlMs);
  if (!made.ok) return { code: 503, body: { message: 'the store took nothing' } };
  const token = formatJoinToken({
    controlPlane: address(),
    rootSha256: authorities.primary.rootSha256,
    proof: made.value.proof,
  });
  return answer({ token, expires: new Date(made.value.expires).toISOString() }, 201);
}

async function revoke(options: PagesOptions, { request }: Call): Promise<Outcome> {
  const body = await readJson(request);
  if (!body.ok) return refuse(body.error);
  const registration: unknown =
    typeof body.value === 'object' && body.value !== null && 'registration' in body.value
      ? body.value.registration
      : undefined;
  if (typeof registration !== 'string' || !/^[0-9a-f]{32}$/.test(registration))
    return refuse(badRequest('send {"registration": "32 hexadecimal digits"}'));
  return (await options.revoke(registration))
    ? answer({ registration })
    : refuse(notFound({ group: 'weft', plural: 'registrations', name: registration }));
}
