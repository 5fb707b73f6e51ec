/**
 * A file of resources (envoy.config.core.v3.PathConfigSource): a DiscoveryResponse as YAML or JSON. Whole or not at all: with one finding nothing of it counts.
 * Every finding has file, line, column and path.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import type { Cluster, EndpointSet, Listener, RouteConfiguration } from '@weft/core/proxy-config';
import { Path, Report, type StatedSecret } from '../codec/index.ts';
import { readingAny, type Cursor } from '../resources/base/cursor.ts';
import { decodeCluster } from '../resources/cluster/index.ts';
import { decodeEndpointSet } from '../resources/endpoint/index.ts';
import { decodeChecked } from '../resources/index.ts';
import { decodeListener } from '../resources/listener/index.ts';
import { decodeRouteConfiguration } from '../resources/route/index.ts';
import { decodeStaticSecret } from '../resources/tls/stated-secret.ts';
import type { Messages } from '../tables/index.ts';
import { readPartly, type SourceText } from '../text/index.ts';

const RESPONSE = 'envoy.service.discovery.v3.DiscoveryResponse';

type Response = Messages[typeof RESPONSE];

/** What a file may hold, by type; a name that stands twice is a finding. */
export interface FileResources {
  readonly listeners: Map<string, Listener>;
  readonly clusters: Map<string, Cluster>;
  readonly routes: Map<string, RouteConfiguration>;
  readonly endpoints: Map<string, EndpointSet>;
  /** Their texts are still to be read. */
  readonly secrets: Map<string, StatedSecret>;
}

export function readResourceFile(source: SourceText): Result<FileResources, readonly Diagnostic[]> {
  const read = readPartly(RESPONSE, source);
  if (read.faults.length > 0) return err(read.faults);
  const report = new Report();
  const resources = decodeChecked(RESPONSE, read.message, Path.ROOT, report, decodeResponse);
  return report.failed ? err(read.locate(report.diagnostics())) : ok(resources);
}

function decodeResponse(cursor: Cursor<Response>): FileResources {
  const found: FileResources = {
    listeners: new Map(),
    clusters: new Map(),
    routes: new Map(),
    endpoints: new Map(),
    secrets: new Map(),
  };
  // A file is known by what it says.
  cursor.take('version_info');
  cursor.take('type_url');
  const { report } = cursor;
  (cursor.take('resources') ?? []).forEach((resource, index) => {
    const path = cursor.at('resources').index(index);
    const add = <Row extends { readonly name: string }>(table: Map<string, Row>, row: Row): void => {
      if (table.has(row.name)) report.fault(path, 'duplicate-name', `${row.name} stands in this file twice`);
      table.set(row.name, row);
    };
    readingAny<void>(resource, path, report, {
      'envoy.config.listener.v3.Listener': (inner) => add(found.listeners, decodeListener(inner)),
      'envoy.config.cluster.v3.Cluster': (inner) => add(found.clusters, decodeCluster(inner)),
      'envoy.config.route.v3.RouteConfiguration': (inner) => add(found.routes, decodeRouteConfiguration(inner)),
      'envoy.config.endpoint.v3.ClusterLoadAssignment': (inner) => add(found.endpoints, decodeEndpointSet(inner)),
      'envoy.extensions.transport_sockets.tls.v3.Secret': (inner) => {
        report.secrets = [];
        decodeStaticSecret(inner);
        for (const secret of report.secrets) add(found.secrets, secret);
        report.secrets = undefined;
      },
    });
  });
  return found;
}
