/** Rows as Envoy's messages, for the profile of each client, with the patches about it. Apart from the server, which does not look into resources. */
import { hasErrors } from '@weft/core/kernel';
import type { ClientEngine } from '@weft/core/mesh-view';
import type { Cluster, Listener, ResourcePatch, RouteConfiguration } from '@weft/core/proxy-config';
import { addedResources, patchedResource, type Patched, type PatchedResource } from '@weft/envoy/patch';
import type { ClientProfile } from '@weft/envoy/profile';
import { RouteTableWriter, writeCluster, writeEndpointSet, writeListener, type Written } from '@weft/envoy/resources';
import type { AddedRow, EncodedRow, ResourceType, RowEncoder, RowEncoders } from '../snapshot/index.ts';

const profileOf = ({ name, version, features }: ClientEngine): ClientProfile => ({
  engine: name,
  version,
  features: new Set(features),
});

/** As long as somebody speaks of that client: a profile is one object to whoever caches what is made for it. */
const routeTables = new WeakMap<ClientEngine, RouteTableWriter>();

function writeRoutes(row: RouteConfiguration, profile: ClientProfile, client: ClientEngine): Written {
  let writer = routeTables.get(client);
  if (writer === undefined) routeTables.set(client, (writer = new RouteTableWriter(profile)));
  return writer.write(row);
}

/** With an error among the findings a message must not be sent; warnings go with it. */
const rowEncoder =
  <Row>(
    write: (row: Row, profile: ClientProfile, client: ClientEngine) => Written,
    patched?: (row: Row, profile: ClientProfile, patches: readonly ResourcePatch[]) => Patched<Row>,
  ): RowEncoder<Row> =>
  (row, client, patches) => {
    if (patches.length > 0 && patched !== undefined) return ofPatched(patched(row, profileOf(client), patches));
    const { bytes, diagnostics } = write(row, profileOf(client), client);
    return { bytes: hasErrors(diagnostics) ? undefined : bytes, diagnostics };
  };

const ofPatched = <Row>({ bytes, diagnostics, row, matched, refused }: Patched<Row>): EncodedRow<Row> => ({
  bytes,
  diagnostics,
  patched: matched.length === 0 ? undefined : { row, matched, refused },
});

const PATCHED: Partial<Record<ResourceType, PatchedResource>> = {
  listeners: 'listener',
  routes: 'route-configuration',
  clusters: 'cluster',
};

export const envoyEncoders: RowEncoders = {
  clusters: rowEncoder<Cluster>(writeCluster, (row, profile, patches) =>
    patchedResource('cluster', row, profile, patches),
  ),
  endpoints: rowEncoder(writeEndpointSet),
  listeners: rowEncoder<Listener>(writeListener, (row, profile, patches) =>
    patchedResource('listener', row, profile, patches),
  ),
  routes: rowEncoder<RouteConfiguration>(writeRoutes, (row, profile, patches) =>
    patchedResource('route-configuration', row, profile, patches),
  ),
  added(type, taken, client, patches): readonly AddedRow[] {
    const kind = PATCHED[type];
    return kind === undefined
      ? []
      : addedResources(kind, taken, profileOf(client), patches).map((one) => ({ name: one.name, ...ofPatched(one) }));
  },
};
