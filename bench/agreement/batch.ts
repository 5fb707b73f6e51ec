/**
 * Many generated meshes in one engine: what the compiler makes for every caller that asks, every called workload and the Gateway of each, in
 * one bootstrap (moved.ts).
 */
import { World } from '@weft/compile/answers';
import { Compiler } from '@weft/compile/incremental';
import { ONLY, type Proxy } from '@weft/core/mesh-view';
import { sidecarOf } from '@weft/core/mesh-view/testing';
import type { Cluster, Listener } from '@weft/core/proxy-config';
import { ENVOY_PROFILE, WEFT_PROFILE } from '@weft/envoy/profile';
import { encodeCluster, encodeListener } from '@weft/envoy/resources';
import type { JsonValue } from '@weft/envoy/tables';
import { toJson } from '@weft/envoy/text';
import type { Applications } from './applications.ts';
import type { Certificates } from './certificates.ts';
import type { Expected } from './compare.ts';
import type { Generated } from './generate/index.ts';
import { accountOf, CALLED, EDGE, namespaceOf } from './generate/words.ts';
import { EDGE_CERTIFICATE, Moved, type Placed, TRUST } from './moved.ts';

export type RunningEngine = 'weft' | 'envoy';

export interface BatchInput {
  readonly engine: RunningEngine;
  /** Of the sockets. */
  readonly folder: string;
  readonly meshes: readonly {
    readonly generated: Generated;
    readonly world: World;
    readonly wanted: readonly Expected[];
  }[];
  readonly applications: Applications;
  readonly certificates: Certificates;
}

/** The local port where callers reach a service, the same in every mesh. */
export const localPort = (to: string, port: number): number => {
  const at = SERVICES.indexOf(`${to}:${port}`);
  if (at < 0) throw new TypeError(`nobody calls ${to}:${port}`);
  return 9000 + at;
};
const SERVICES = [
  'shop/front:80',
  'shop/a:80',
  'shop/b:80',
  'bank/c:80',
  'shop/calls:80',
  'shop/line:7',
  'shop/partner:80',
  'shop/sealed:443',
  'shop/vault:443',
  'shop/empty:80',
];

export function batchBootstrap(input: BatchInput): Readonly<Record<string, unknown>> {
  const { certificates } = input;
  const listeners: JsonValue[] = [];
  const clusters: JsonValue[] = [];
  for (const [index, mesh] of input.meshes.entries()) {
    const made = rowsOf(input, index, mesh);
    listeners.push(...made.listeners);
    clusters.push(...made.clusters);
  }
  const secrets = [...certificates.identities, [EDGE_CERTIFICATE, certificates.edge] as const].map(
    ([name, { chain, key }]) => ({
      name,
      tls_certificate: { certificate_chain: { inline_string: chain }, private_key: { inline_string: key } },
    }),
  );
  const trust = { name: TRUST, validation_context: { trusted_ca: { inline_string: certificates.roots } } };
  return { static_resources: { listeners, clusters, secrets: [...secrets, trust] } };
}

function rowsOf(
  { engine, folder, applications }: BatchInput,
  index: number,
  { generated, world, wanted }: BatchInput['meshes'][number],
): { readonly listeners: JsonValue[]; readonly clusters: JsonValue[] } {
  const profile = engine === 'weft' ? WEFT_PROFILE : ENVOY_PROFILE;
  const view = world.view('default');
  const trustDomain = view.mesh.get(ONLY)?.trustDomain ?? '';
  const compiler = new Compiler();
  compiler.update(view);
  const rows = proxiesOf(generated, wanted).map((proxy) => {
    const [workload = ''] = proxy.workloads;
    const identity = `${trustDomain}/${namespaceOf(workload)}/${accountOf(workload)}`;
    const placed: Placed = { folder, index, workload, identity, applications, profile };
    return new Moved(
      placed,
      compiler.compile({ ...proxy, engine: { name: engine, version: '', features: [] } }).config,
    );
  });
  return {
    listeners: rows.flatMap((moved) => moved.listeners().map((row) => said(row, profile, 'listener'))),
    clusters: rows.flatMap((moved) => moved.clusters().map((row) => said(row, profile, 'cluster'))),
  };
}

/** Only callers that ask, with what they ask for, and who may see it: a request that goes elsewhere finds nobody there. */
function proxiesOf({ objects, requests }: Generated, expected: readonly Expected[]): Proxy[] {
  const reached = new Set(['shop/opa-1', ...expected.flatMap((one) => one.reached)]);
  const wanted = new Map<string, Map<number, Proxy['upstreams'][number]>>();
  for (const { caller, to, port } of requests) {
    if (caller === undefined) continue;
    const own = wanted.get(caller) ?? new Map<number, Proxy['upstreams'][number]>();
    const local = localPort(to, port);
    wanted.set(caller, own.set(local, { service: to, port, localPort: local }));
  }
  const there = (key: string): boolean =>
    objects.some(({ kind, metadata }) => kind === 'Workload' && `${metadata.namespace}/${metadata.name}` === key);
  const enters = requests.some(({ caller }) => caller === undefined) && there(EDGE);
  return [
    ...[...wanted].map(([caller, upstreams]) => sidecarOf(caller, { upstreams: [...upstreams.values()] })),
    ...CALLED.filter(({ key }) => reached.has(key) && there(key)).map(({ key }) => sidecarOf(key)),
    ...(enters ? [sidecarOf(EDGE, { role: 'gateway', gateway: 'shop/edge' })] : []),
  ];
}

function said(row: Listener | Cluster, profile: Placed['profile'], kind: 'listener' | 'cluster'): JsonValue {
  const encoded =
    kind === 'listener' ? encodeListener(row as Listener, profile) : encodeCluster(row as Cluster, profile);
  const faults = encoded.diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length > 0) throw new TypeError(JSON.stringify(faults));
  return kind === 'listener'
    ? toJson('envoy.config.listener.v3.Listener', encoded.message)
    : toJson('envoy.config.cluster.v3.Cluster', encoded.message);
}
