/**
 * The control plane as one process: store, API, authority, registry, plane and xDS on one TLS port and one Unix socket. This file only
 * joins the parts and owns their order of start and stop.
 */
import path from 'node:path';
import { controlPlaneNameFor } from '@weft/core/agent-api';
import { ApiServer, createDefaults, Resources } from '@weft/control/api';
import { Authorities, Credentials, JoinTokens, Refusals, TrustChanges } from '@weft/control/authority';
import { ChangeLog, gatewayMaterial, Plane, StatusWriter, unprogrammed } from '@weft/control/plane';
import { BundleFiles, Federation, fetchBundle } from '@weft/control/federation';
import { fetchKeys, IssuerKeys } from '@weft/control/issuer-keys';
import { contradictedInvariants } from '@weft/compile/answers';
import { LiveTraffic, ObserveService, RecentRequests } from '@weft/control/observe';
import { agentMethods, Registry } from '@weft/control/registry';
import { BuiltInSeries, PrometheusSeries, type SeriesQueries } from '@weft/control/series';
import { ServiceLevels, Webhook } from '@weft/control/service-levels';
import { ControlServer, type ServerTls } from '@weft/control/server';
import { Compactor } from '@weft/control/store';
import { sqliteStore } from '@weft/control/store/sqlite';
import { adsMethods, XdsServer } from '@weft/control/xds';
import { envoyEncoders } from '@weft/control/xds/encoders';
import { err, parseDuration } from '@weft/core/kernel';
import type { Assembly } from '@weft/core/mesh-view';
import { DEFAULT_MESH, DEFAULT_TRUST_DOMAIN, MESH, type Mesh, type ServiceLevel } from '@weft/core/resources';
import { controlSocket, privateFolder } from '../cli/data-folder.ts';
import { systemMonotonicClock as clock, systemWallClock as wall } from '../clocks.ts';
import { CommandError } from '../errors.ts';
import { WEFT_VERSION } from '../version.ts';
import { AddressedBy } from './addressed.ts';
import { certificateHosts, formatHostPort, reachableHost } from './addresses.ts';
import { type Family, gaugesOf, PlaneMetrics } from './metrics.ts';
import { OtlpMetrics } from './otlp-metrics.ts';
import { dashboardSite } from '@weft/dashboard/server';
import { certificatePages } from './certificate-pages.ts';
import { dashboardPages } from './dashboard-pages.ts';
import { planPages } from './plan-page.ts';
import { brokenByWrite } from '../answers/findings.ts';
import { controlPlanePages, proxies } from './pages.ts';
import { requestPages } from './request-pages.ts';
import type { ControlPlaneOptions } from './options.ts';
import { proxyResolver } from './resolve-proxy.ts';
import { scrapeTargetPages } from './scrape-targets.ts';
import { seriesPages } from './series-pages.ts';
import { callerCertificate } from './caller-certificate.ts';
import { BundleEndpoint } from './bundle-endpoint.ts';
import { serviceLevelFindings, serviceLevelPages } from './service-level-pages.ts';
import { foreignBundles, otherDomains } from './other-domains.ts';
import { outsideIssuers } from './outside-issuers.ts';
import { loggedStreams } from './logged-streams.ts';
import { storeStates } from './store-states.ts';
import { trustHolders } from './trust-holders.ts';

/** The server's certificate lives a week; it is made anew every day. */
const RENEW_SERVER = 86_400_000;
/** Registrations whose newest root is remembered; of others a taint says that they have to be asked again. */
const MAX_REGISTRATIONS = 100_000;

/** ms that traffic which contradicts an Invariant is told of. */
const CONTRADICTED = 3_600_000;

export type { ControlPlaneOptions } from './options.ts';

export class ControlPlane {
  readonly resources: Resources;
  readonly plane: Plane;
  /** What its proxies counted lately. */
  readonly traffic = new LiveTraffic({ clock, wall });
  /** The past of it. */
  readonly series: SeriesQueries;
  readonly #builtIn: BuiltInSeries | undefined;
  readonly #changes: ChangeLog;
  readonly #levels: ServiceLevels;
  readonly #options: ControlPlaneOptions;
  readonly #store: ReturnType<typeof sqliteStore>;
  readonly #authorities: Authorities;
  readonly #trust: TrustChanges;
  readonly #registry: Registry;
  readonly #issuerKeys: IssuerKeys;
  readonly #federation: Federation;
  readonly #xds: XdsServer;
  readonly #status: StatusWriter;
  readonly #api: ApiServer;
  readonly #observe: ObserveService;
  readonly #otlp: OtlpMetrics;
  readonly #server: () => ControlServer;
  readonly #compactor: Compactor;
  #bundles: BundleEndpoint | undefined;
  #neighbours: Assembly['neighbours'] = new Map();
  /** Foreign bundles that agents were told last. */
  #federatedBefore = '';
  #running: ControlServer | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #ready = false;

  constructor(options: ControlPlaneOptions) {
    const { folder, listen, log } = options;
    this.#options = options;
    const refusals = new Refusals(
      ({ reason, operation, peer, identity, detail }) =>
        log.warn('refused', {
          operation,
          reason,
          peer,
          ...(identity === '' ? {} : { identity }),
          ...(detail === '' ? {} : { detail }),
        }),
      clock,
    );
    const metrics = new PlaneMetrics(wall);
    const problem = (message: string): void => log.warn(message);

    this.#store = sqliteStore({ folder, clock: wall });
    this.#compactor = new Compactor(this.#store, clock, { holder: `weft-${process.pid}` });
    this.resources = new Resources(this.#store, {
      clock: wall,
      guard: (key, object) => brokenByWrite([...this.plane.objects.objects], key, object),
    });
    this.#authorities = new Authorities({
      folder: path.join(folder, 'authority'),
      clock: wall,
      primary: () => this.#primary(),
      outside: (trustDomain) => outsideIssuers(options, trustDomain, wall),
      federated: (trustDomain) => otherDomains(this.plane, this.#authorities, this.#federation, trustDomain),
      onNew: () => this.#running?.setTls(this.#serverTls()),
    });
    this.#issuerKeys = new IssuerKeys({
      fetch: (url) => fetchKeys(url),
      clock,
      onChange: () => this.plane.notify(),
    });
    this.#federation = new Federation({
      fetch: fetchBundle,
      clock,
      wall,
      files: new BundleFiles(path.join(folder, 'federation')),
      onChange: () => {
        this.#pushBundles();
        this.plane.notify();
      },
    });
    this.plane = new Plane({
      store: this.#store,
      served: [this.#issuerKeys, this.#federation],
      liveness: () => this.#registry.liveness(),
      clock,
      defer: (run) => void setImmediate(run),
    });
    this.#registry = new Registry({
      resources: this.resources,
      holders: {
        withdrawn: async (_workload, timeoutMs) => {
          await this.plane.settled();
          return this.#xds.converged(timeoutMs);
        },
      },
      clock,
      onProblem: (workload, text) => log.warn('workload', { workload, problem: text }),
    });
    const addressed = new AddressedBy(() => this.plane, clock);
    const recent =
      options.requests === false
        ? undefined
        : new RecentRequests({ wall, addressed: (workload, record) => addressed.of(workload, record) });
    this.#observe = new ObserveService({ clock, traffic: this.traffic, registry: this.#registry, refusals, recent });
    this.#xds = new XdsServer({
      source: this.plane,
      resolveProxy: proxyResolver(this.#registry, refusals),
      encoders: envoyEncoders,
      clock,
      wall,
      observer: loggedStreams(metrics.observer, log),
      controlPlane: `weft-${WEFT_VERSION}`,
    });
    /** Root of the newest certificate, by registration. */
    const issuedUnder = new Map<string, string>();
    const tokens = new JoinTokens(this.#store, wall);
    const credentials = new Credentials({
      authorities: this.#authorities,
      tokens,
      meshes: this.plane,
      clock,
      lifeOf: (mesh) => this.#certificateLife(mesh),
      onIssued: (registration, notAfter, root) => {
        metrics.issued += 1;
        metrics.certificates.set(registration, notAfter);
        issuedUnder.delete(registration);
        issuedUnder.set(registration, root);
        if (issuedUnder.size > MAX_REGISTRATIONS) issuedUnder.delete(issuedUnder.keys().next().value ?? '');
      },
      onHeld: (registration, notAfter) => metrics.certificates.held(registration, notAfter),
    });
    this.#trust = new TrustChanges({
      authorities: this.#authorities,
      holders: trustHolders(this.#registry, this.#authorities, this.plane, issuedUnder),
      clock,
      wall,
      changed: () => {
        this.#running?.setTls(this.#serverTls());
        this.#bundles?.renew();
        this.#pushBundles();
      },
      onEvent: (event, facts) => log.info(event, facts),
      onProblem: (trustDomain, text) => log.warn('authority', { trustDomain, problem: text }),
    });
    this.#status = new StatusWriter({
      store: this.#store,
      objects: this.plane.objects,
      assembly: () => this.plane.assembly,
      unprogrammed: () => unprogrammed(this.#xds.clients(), this.plane.findings()),
      clock,
      wall,
      onProblem: problem,
    });
    this.#changes = new ChangeLog(this.#store);
    const families = (): Family[] =>
      metrics.families({
        refusals,
        xds: this.#xds,
        traffic: this.traffic.health,
        proxies: proxies({ plane: this.plane, xds: this.#xds, registry: this.#registry, metrics }),
        traces: this.#observe.traces.health,
        otlp: this.#otlp.health,
        stores: storeStates({
          traffic: this.traffic,
          observe: this.#observe,
          recent,
          series: this.#builtIn?.lastHealth,
          otlp: this.#otlp,
        }),
      });
    this.#otlp = new OtlpMetrics({
      traffic: this.traffic,
      views: () => this.plane.assembly?.views ?? new Map(),
      families,
      clock,
      wall,
      log,
      environment: process.env,
    });
    this.#builtIn =
      options.prometheus === undefined
        ? new BuiltInSeries({
            file: path.join(folder, 'series.db'),
            traffic: this.traffic,
            wall,
            gauges: () => gaugesOf(families()),
            onProblem: problem,
          })
        : undefined;
    this.series = this.#builtIn ?? new PrometheusSeries(options.prometheus ?? '');
    const webhook =
      options.alertWebhook === undefined ? undefined : new Webhook({ url: options.alertWebhook, onProblem: problem });
    this.#levels = new ServiceLevels({
      objects: () =>
        [...this.plane.objects.objects].filter((object): object is ServiceLevel => object.kind === 'ServiceLevel'),
      series: this.series,
      clock,
      wall,
      onAlert: (event) => {
        const { state, serviceLevel, objective, severity } = event;
        log.warn('service level', { state, serviceLevel, objective, severity });
        void webhook?.send(event);
      },
    });
    this.#api = new ApiServer({
      resources: this.resources,
      version: WEFT_VERSION,
      wall,
      monotonic: clock,
      ready: () => this.#ready,
      site: dashboardSite(),
      extra: [
        ...seriesPages(this.series),
        ...scrapeTargetPages(this.plane),
        ...dashboardPages(this.plane, this.#changes),
        ...planPages(this.plane),
        ...requestPages({ recent, plane: this.plane, changes: this.#changes, store: this.#store }),
        ...serviceLevelPages(this.#levels),
        ...certificatePages({ plane: this.plane, registry: this.#registry, ends: metrics.certificates, issuedUnder }),
        ...controlPlanePages({
          plane: this.plane,
          serviceLevels: () => serviceLevelFindings(this.#levels.states),
          contradicted: () =>
            contradictedInvariants(
              this.plane.objects.objects,
              this.plane.assembly?.views ?? new Map(),
              recent?.shapes(CONTRADICTED) ?? [],
              { parse: Date.parse, format: (ms) => new Date(ms).toISOString() },
            ),
          issuerKeys: this.#issuerKeys,
          federation: this.#federation,
          xds: this.#xds,
          registry: this.#registry,
          authorities: this.#authorities,
          trust: this.#trust,
          wall,
          tokens,
          refusals,
          metrics,
          families,
          traffic: this.traffic,
          observe: () => this.#observe,
          log,
          revoke: async (registration) => {
            if (!(await credentials.revoke(registration))) return false;
            log.warn('registration revoked', { registration });
            await this.#registry.revoke(registration);
            this.#running?.disconnect(registration);
            return true;
          },
          address: () => formatHostPort({ host: reachableHost(listen.host), port: this.port }),
        }),
      ],
      defect: (error) =>
        log.error('defect', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    });
    this.#server = () =>
      new ControlServer({
        tls: this.#serverTls(),
        grpcMethods: [
          ...agentMethods({ authorities: this.#authorities, credentials, registry: this.#registry, refusals }),
          ...adsMethods(this.#xds),
          this.#observe.method,
        ],
        restHandler: (socket, peer) =>
          this.#api.accept(socket, peer.kind === 'local' ? { via: 'local' } : { via: 'tcp' }),
        unixPath: controlSocket(folder),
        listen,
        onCrowded: (peer) =>
          refusals.add({ reason: 'rate-limited', operation: 'connect', peer, identity: '', detail: 'connections' }),
        certificateOf: callerCertificate,
        onCertificateRefused: (peer, reason) =>
          refusals.add({ reason: 'certificate-refused', operation: 'connect', peer, identity: '', detail: reason }),
      });
  }

  /** The TLS port in use. */
  get port(): number {
    return this.#running?.port ?? this.#options.listen.port;
  }

  /** Throws CommandError with a remedy; nothing stays open then. */
  async start(): Promise<void> {
    const { folder, log } = this.#options;
    controlSocket(folder);
    privateFolder(folder);
    const opened = await this.#store.start();
    if (!opened.ok) throw new CommandError(opened.error.message);
    try {
      const prepared = await this.#authorities.primary.prepare();
      if (!prepared.ok)
        throw new CommandError(
          `there is no first certificate from outside: ${prepared.error}`,
          'Correct --issuer-files or --signer, or start without it.',
        );
      this.#authorities.start();
      await this.resources.start();
      const { trustDomain } = this.#options;
      const defaults = await createDefaults(this.resources, trustDomain);
      if (!defaults.ok) throw new CommandError(defaults.error.message ?? 'the defaults could not be made');
      await this.#compactor.start();
      await this.#registry.start();
      this.#registry.onLiveness(() => this.plane.notify());
      this.plane.onAssembled((assembly) => {
        void this.#trustOf(assembly);
        this.#otlp.assembled(assembly);
        this.#status.notify();
        this.#registry.setMaterial(gatewayMaterial(assembly, this.plane.objects));
      });
      this.#xds.onStatus(() => this.#status.notify());
      const failed = await this.plane.start();
      if (failed !== undefined) throw new CommandError(failed.message);
      if (trustDomain !== undefined && trustDomain !== this.#primary())
        throw new CommandError(
          `the mesh default has the trust domain ${this.#primary()}, which may not change`,
          'Leave --trust-domain out, or begin with another data folder.',
        );
      const server = this.#server();
      await server.start();
      this.#running = server;
      await this.#serveBundles();
      this.traffic.start();
      this.#builtIn?.start();
      this.#otlp.start();
      this.#changes.start();
      this.#levels.start();
      this.#ready = true;
      this.#trust.start();
      this.#renewal = setInterval(() => server.setTls(this.#serverTls()), RENEW_SERVER);
      this.#renewal.unref();
    } catch (error) {
      log.error('the control plane did not start');
      await this.stop();
      throw error instanceof Error && 'remedy' in error && !(error instanceof CommandError)
        ? new CommandError(error.message, String(error.remedy))
        : error;
    }
  }

  /** Proxies keep what they have. */
  async stop(): Promise<void> {
    this.#ready = false;
    clearInterval(this.#renewal);
    await this.#otlp.stop();
    await this.#builtIn?.stop();
    this.#changes.stop();
    this.#levels.stop();
    this.traffic.stop();
    this.#trust.stop();
    this.#status.stop();
    this.#xds.stop();
    this.#registry.stop();
    this.#issuerKeys.stop();
    this.#federation.stop();
    this.plane.stop();
    await this.#api.stop(200);
    await this.#bundles?.stop();
    await this.#running?.stop(500);
    await this.#compactor.stop();
    this.resources.stop();
    await this.#store.stop();
  }

  /** A client shows its certificate under the name of its trust domain, and is verified under those roots alone. */
  #serverTls(): ServerTls {
    const named = this.#authorities
      .all()
      .map(
        ([trustDomain, authority]) =>
          [controlPlaneNameFor(trustDomain), { trustDomain, roots: authority.roots() }] as const,
      );
    const hosts = [...certificateHosts(this.#options.listen.host), ...named.map(([name]) => name)];
    const { certificateChain, privateKey } = this.#authorities.primary.issueServerIdentity(hosts);
    return { certificateChain, privateKey, roots: this.#authorities.primary.roots(), domains: new Map(named) };
  }

  async #serveBundles(): Promise<void> {
    const { bundleEndpoint, log } = this.#options;
    if (bundleEndpoint === undefined) return;
    const primary = (): string => this.#primary();
    const made = new BundleEndpoint({ ...bundleEndpoint, authorities: this.#authorities, primary, clock: wall });
    try {
      await made.start();
    } catch (error) {
      throw new CommandError(
        `the bundle endpoint cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
        'Correct --bundle-endpoint, --bundle-cert and --bundle-key.',
      );
    }
    this.#bundles = made;
    log.info('bundle endpoint', { port: made.port });
  }

  /** Every mesh has its keys before its first workload comes; who meets whom, since a service is exported, knows the other's roots. */
  async #trustOf({ views, neighbours }: Assembly): Promise<void> {
    let news = this.#neighbours !== neighbours && !equalRows(this.#neighbours, neighbours);
    this.#neighbours = neighbours;
    for (const view of views.values()) {
      const trustDomain = view.mesh.get('')?.trustDomain;
      if (trustDomain === undefined || this.#authorities.has(trustDomain)) continue;
      const made = await this.#authorities.ensure(trustDomain).catch((error: unknown) => err(String(error)));
      if (made.ok) news = true;
      else this.#options.log.warn('authority', { trustDomain, problem: made.error });
    }
    if (news || this.#federatedBefore !== foreignBundles(this.#federation)) this.#pushBundles();
  }

  /** Trust domain of the mesh `default`. */
  #primary(): string {
    const plane: Plane | undefined = this.plane;
    return plane?.trustDomainOf(DEFAULT_MESH) ?? this.#options.trustDomain ?? DEFAULT_TRUST_DOMAIN;
  }

  #pushBundles(): void {
    this.#federatedBefore = foreignBundles(this.#federation);
    this.#registry.pushBundles((trustDomain) => this.#authorities.bundle(trustDomain));
  }

  /** Mesh `spec.certificates.lifetime`; a mesh that is gone has the authority's. */
  #certificateLife(mesh: string): number | undefined {
    const object = this.plane.objects.latest({ group: MESH.group, kind: MESH.kind, namespace: '', name: mesh }) as
      | Mesh
      | undefined;
    return object === undefined ? undefined : parseDuration(object.spec.certificates.lifetime);
  }
}

const equalRows = (a: Assembly['neighbours'], b: Assembly['neighbours']): boolean =>
  a.size === b.size && [...a].every(([domain, others]) => others.join() === b.get(domain)?.join());
