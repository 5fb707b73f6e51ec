/** Rows as Envoy's messages, for the profile of each client. */
import { hasErrors } from '@weft/core/kernel';
import type { ClientEngine } from '@weft/core/mesh-view';
import type { Diagnostic } from '@weft/core/kernel';
import { writeMessage } from '@weft/envoy/codec';
import type { ClientProfile } from '@weft/envoy/profile';
import { encodeCluster } from '@weft/envoy/resources/cluster';
import { encodeEndpointSet } from '@weft/envoy/resources/endpoint';
import { encodeRouteConfiguration } from '@weft/envoy/resources/route';
import type { MessageName, Messages } from '@weft/envoy/tables';
import type { RowEncoder, RowEncoders } from './snapshot.ts';

const profileOf = ({ name, version, features }: ClientEngine): ClientProfile => ({
  engine: name,
  version,
  features: new Set(features),
});

/** A message with an error among its findings must not be sent; warnings go with it. */
const rowEncoder =
  <Row, Name extends MessageName>(
    name: Name,
    encode: (
      row: Row,
      profile: ClientProfile,
    ) => { readonly message: Messages[Name]; readonly diagnostics: readonly Diagnostic[] },
  ): RowEncoder<Row> =>
  (row, client) => {
    const { message, diagnostics } = encode(row, profileOf(client));
    return { bytes: hasErrors(diagnostics) ? undefined : writeMessage(name, message), diagnostics };
  };

export const ROW_ENCODERS: RowEncoders = {
  clusters: rowEncoder('envoy.config.cluster.v3.Cluster', encodeCluster),
  endpoints: rowEncoder('envoy.config.endpoint.v3.ClusterLoadAssignment', encodeEndpointSet),
  listeners: rowEncoder('envoy.config.listener.v3.Listener', (row) => ({
    message: { name: row.name },
    diagnostics: [],
  })),
  routes: rowEncoder('envoy.config.route.v3.RouteConfiguration', encodeRouteConfiguration),
};
