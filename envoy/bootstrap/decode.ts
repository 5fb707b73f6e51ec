/** envoy.config.bootstrap.v3.Bootstrap to Bootstrap. */
import type { Diagnostic } from '@weft/core/kernel';
import { proxyConfig, type Cluster, type Listener, type ProxyConfig } from '@weft/core/proxy-config';
import { Path, type Report } from '../codec/index.ts';
import { decodeNode, NO_NODE, type NodeClaims } from '../discovery/index.ts';
import { decodeAddress, NO_ADDRESS } from '../resources/base/address.ts';
import { decodeTimedSource } from '../resources/base/config-source.ts';
import { type Cursor, readingAny } from '../resources/base/cursor.ts';
import { decodeString } from '../resources/base/matcher.ts';
import { decodeCluster, decodeListener } from '../resources/index.ts';
import { decodeStaticSecret } from '../resources/tls/stated-secret.ts';
import type { Messages } from '../tables/index.ts';
import type { AdsSource, Bootstrap, DynamicResources } from './bootstrap.ts';
import { decodeStats } from './stats.ts';
import { decodeOverload } from './overload.ts';
import { ADMIN_ONLY, decodeRuntime } from './runtime.ts';
import { checkReferences } from './references.ts';

type Wire = Messages['envoy.config.bootstrap.v3.Bootstrap'];

export function decodeBootstrap(cursor: Cursor<Wire>): Bootstrap {
  cursor.report.secrets ??= [];
  const rows = cursor.within('static_resources', (resources) => ({
    listeners: resources.each('listeners', decodeListener),
    clusters: resources.each('clusters', decodeCluster),
    secrets: resources.each('secrets', decodeStaticSecret),
  }));
  const dynamic = cursor.within('dynamic_resources', decodeDynamic) ?? {
    ads: undefined,
    listeners: false,
    clusters: false,
    files: {},
  };
  const listeners = rows?.listeners ?? [];
  const clusters = rows?.clusters ?? [];
  checkReferences(cursor, listeners, clusters, dynamic, cursor.report.secrets);
  cursor.each('bootstrap_extensions', decodeExtension);
  const overload = cursor.within('overload_manager', decodeOverload);
  const runtime = cursor.within('layered_runtime', decodeRuntime);
  if (runtime?.layers.some(({ kind }) => kind === 'rtds') === true && dynamic.ads === undefined)
    cursor.fault('layered_runtime', 'invalid-value', 'a layer by rtds needs dynamic_resources.ads_config');
  return {
    node: cursor.within('node', takeNode) ?? NO_NODE,
    admin: cursor.within('admin', (admin) => {
      const address = admin.within('address', (inner) => decodeAddress(inner, false));
      if (address === undefined) admin.fault('address', 'missing-field', 'the admin endpoint needs its address');
      return {
        address: address ?? NO_ADDRESS,
        allowPaths: admin.each('allow_paths', decodeString),
      };
    }),
    secrets: cursor.report.secrets,
    static: staticConfig(listeners, clusters, cursor.at('static_resources'), cursor.report),
    localCluster: cursor.within('cluster_manager', (manager) => takeLocalCluster(manager, clusters)) ?? '',
    dynamic,
    stats: cursor.within('stats_config', decodeStats) ?? { tags: [], useDefaultTags: true },
    maxDownstreamConnections: overload?.maxDownstreamConnections ?? runtime?.maxConnections,
    listenerLimits: runtime?.listenerLimits ?? new Map(),
    runtimeLayers: runtime === undefined || runtime.layers.length === 0 ? ADMIN_ONLY : runtime.layers,
    overload: overload?.overload,
  };
}

/** Internal listeners need no extension here; Envoy wants it named. */
function decodeExtension(cursor: Cursor<Messages['envoy.config.core.v3.TypedExtensionConfig']>): void {
  cursor.take('name');
  readingAny<true>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    'envoy.extensions.bootstrap.internal_listener.v3.InternalListener': (internal) => {
      internal.take('buffer_size_kb');
      return true;
    },
  });
}

function takeLocalCluster(
  cursor: Cursor<Messages['envoy.config.bootstrap.v3.ClusterManager']>,
  clusters: readonly Cluster[],
): string {
  const name = cursor.take('local_cluster_name') ?? '';
  const named = clusters.find((cluster) => cluster.name === name);
  if (name !== '' && named === undefined)
    cursor.fault('local_cluster_name', 'invalid-value', `no static cluster is named ${name}`);
  return name;
}

function takeNode(cursor: Cursor<Messages['envoy.config.core.v3.Node']>): NodeClaims {
  return decodeNode({
    id: cursor.take('id'),
    cluster: cursor.take('cluster'),
    metadata: cursor.take('metadata'),
    locality: cursor.take('locality'),
    client_features: cursor.take('client_features'),
  });
}

function decodeDynamic(
  cursor: Cursor<Messages['envoy.config.bootstrap.v3.Bootstrap.DynamicResources']>,
): DynamicResources {
  const ads = cursor.within('ads_config', decodeAds);
  const listenersFrom = cursor.within('lds_config', decodeTimedSource);
  const clustersFrom = cursor.within('cds_config', decodeTimedSource);
  const listeners = listenersFrom !== undefined && listenersFrom.file === undefined;
  const clusters = clustersFrom !== undefined && clustersFrom.file === undefined;
  if (ads === undefined && (listeners || clusters)) {
    cursor.fault('ads_config', 'missing-field', 'lds_config and cds_config by ads need it');
  }
  const files = {
    ...(listenersFrom?.file === undefined ? {} : { listeners: listenersFrom.file }),
    ...(clustersFrom?.file === undefined ? {} : { clusters: clustersFrom.file }),
  };
  const waits = [listeners ? listenersFrom.fetchTimeout : undefined, clusters ? clustersFrom.fetchTimeout : undefined];
  const stated = waits.filter((wait) => wait !== undefined);
  const fetchTimeout = stated.includes(0) ? 0 : Math.max(...stated);
  return { ads, listeners, clusters, files, ...(stated.length === 0 ? {} : { fetchTimeout }) };
}

function decodeAds(cursor: Cursor<Messages['envoy.config.core.v3.ApiConfigSource']>): AdsSource {
  const type = cursor.take('api_type');
  if (type !== 'GRPC' && type !== 'DELTA_GRPC') {
    cursor.fault('api_type', 'unsupported-value', 'only GRPC and DELTA_GRPC are supported here');
  }
  const version = cursor.take('transport_api_version') ?? 'AUTO';
  if (version !== 'V3' && version !== 'AUTO') {
    cursor.fault('transport_api_version', 'unsupported-value', 'only V3 is supported', 'set it to V3');
  }
  cursor.take('set_node_on_first_message_only');
  const services = cursor.each('grpc_services', (service) =>
    service.within('envoy_grpc', (grpc) => ({
      cluster: grpc.take('cluster_name') ?? '',
      authority: grpc.take('authority') ?? '',
    })),
  );
  const [service] = services;
  if (services.length !== 1 || service === undefined) {
    cursor.fault('grpc_services', 'unsupported-value', 'exactly one envoy_grpc service is supported here');
  }
  return { cluster: '', authority: '', ...service, delta: type === 'DELTA_GRPC' };
}

/** The static rows as tables. Routes by RDS come later: that they are absent is no fault here (references.ts asks for ADS). */
function staticConfig(
  listeners: readonly Listener[],
  clusters: readonly Cluster[],
  path: Path,
  report: Report,
): ProxyConfig {
  const built = proxyConfig({ listeners, clusters });
  if (built.ok) return built.value;
  const worth = (fault: Diagnostic): boolean => fault.code !== 'dangling-name';
  for (const fault of built.error.filter(worth)) report.fault(path, 'duplicate-name', fault.message);
  const sorted = <Row extends { readonly name: string }>(rows: readonly Row[]): Map<string, Row> =>
    new Map(rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((row) => [row.name, row]));
  return {
    listeners: sorted(listeners),
    routes: new Map(),
    clusters: sorted(clusters),
    endpoints: new Map(),
    scopes: new Map(),
    trustBundles: new Map(),
  };
}
