/** Whole resources: bytes of an Any to a row of ProxyConfig, a row to the bytes for one client. */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import type { Cluster, EndpointSet, Listener, RouteConfiguration, RouteScope } from '@weft/core/proxy-config';
import { checkConstraints, Path, readInto, Report, writeMessage } from '../codec/index.ts';
import type { ClientProfile } from '../profile/index.ts';
import type { MessageName, Messages } from '../tables/index.ts';
import { reading, type Cursor } from './base/cursor.ts';
import type { Encoded } from './base/encoding.ts';
import { decodeCluster, encodeCluster } from './cluster/index.ts';
import { decodeEndpointSet, encodeEndpointSet } from './endpoint/index.ts';
import { decodeListener, encodeListener } from './listener/index.ts';
import {
  decodeRouteConfiguration,
  decodeRouteScope,
  encodeRouteConfiguration,
  encodeRouteScope,
} from './route/index.ts';

export const LISTENER = 'envoy.config.listener.v3.Listener';
export const ROUTES = 'envoy.config.route.v3.RouteConfiguration';
export const SCOPE = 'envoy.config.route.v3.ScopedRouteConfiguration';
export const CLUSTER = 'envoy.config.cluster.v3.Cluster';
export const ENDPOINTS = 'envoy.config.endpoint.v3.ClusterLoadAssignment';

type Read<Row> = Result<Row, readonly Diagnostic[]>;

/** The bytes for one client and what it cannot be told. With an error among `diagnostics` the bytes must not be sent. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
}

function read<Name extends MessageName, Row>(
  name: Name,
  bytes: Uint8Array,
  decode: (cursor: Cursor<Messages[Name] & object>) => Row,
): Read<Row> {
  const report = new Report();
  const message = readInto(name, bytes, report);
  if (message === undefined) return err(report.diagnostics());
  const row = decodeChecked(name, message as Messages[Name] & object, Path.ROOT, report, decode);
  return report.failed ? err(report.diagnostics()) : ok(row);
}

/** Checks Envoy's limits and reads the message; `report` says whether the row may be used. */
export function decodeChecked<Name extends MessageName, Row>(
  name: Name,
  message: Messages[Name] & object,
  path: Path,
  report: Report,
  decode: (cursor: Cursor<Messages[Name] & object>) => Row,
): Row {
  checkConstraints(name, message, path, report);
  return reading(message, path, report, decode);
}

const write = <Name extends MessageName>(name: Name, encoded: Encoded<Messages[Name]>): Written => ({
  bytes: writeMessage(name, encoded.message),
  diagnostics: encoded.diagnostics,
});

export const readListener = (bytes: Uint8Array): Read<Listener> => read(LISTENER, bytes, decodeListener);
export const readRouteConfiguration = (bytes: Uint8Array): Read<RouteConfiguration> =>
  read(ROUTES, bytes, decodeRouteConfiguration);
export const readRouteScope = (bytes: Uint8Array): Read<RouteScope> => read(SCOPE, bytes, decodeRouteScope);
export const readCluster = (bytes: Uint8Array): Read<Cluster> => read(CLUSTER, bytes, decodeCluster);
export const readEndpointSet = (bytes: Uint8Array): Read<EndpointSet> =>
  read(ENDPOINTS, bytes, (cursor) => decodeEndpointSet(cursor));

export const writeListener = (row: Listener, profile: ClientProfile): Written =>
  write(LISTENER, encodeListener(row, profile));
export const writeRouteConfiguration = (row: RouteConfiguration, profile: ClientProfile): Written =>
  write(ROUTES, encodeRouteConfiguration(row, profile));
export const writeRouteScope = (row: RouteScope, profile: ClientProfile): Written =>
  write(SCOPE, encodeRouteScope(row, profile));
export const writeCluster = (row: Cluster, profile: ClientProfile): Written =>
  write(CLUSTER, encodeCluster(row, profile));
export const writeEndpointSet = (row: EndpointSet, profile: ClientProfile): Written =>
  write(ENDPOINTS, encodeEndpointSet(row, profile));
