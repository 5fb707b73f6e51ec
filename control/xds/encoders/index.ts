/** Rows as Envoy's messages, for the profile of each client. Apart from the server, which does not look into resources. */
import { hasErrors } from '@weft/core/kernel';
import type { ClientEngine } from '@weft/core/mesh-view';
import type { ClientProfile } from '@weft/envoy/profile';
import {
  writeCluster,
  writeEndpointSet,
  writeListener,
  writeRouteConfiguration,
  type Written,
} from '@weft/envoy/resources';
import type { RowEncoder, RowEncoders } from '../snapshot/index.ts';

const profileOf = ({ name, version, features }: ClientEngine): ClientProfile => ({
  engine: name,
  version,
  features: new Set(features),
});

/** With an error among the findings a message must not be sent; warnings go with it. */
const rowEncoder =
  <Row>(write: (row: Row, profile: ClientProfile) => Written): RowEncoder<Row> =>
  (row, client) => {
    const { bytes, diagnostics } = write(row, profileOf(client));
    return { bytes: hasErrors(diagnostics) ? undefined : bytes, diagnostics };
  };

export const envoyEncoders: RowEncoders = {
  clusters: rowEncoder(writeCluster),
  endpoints: rowEncoder(writeEndpointSet),
  listeners: rowEncoder(writeListener),
  routes: rowEncoder(writeRouteConfiguration),
};
