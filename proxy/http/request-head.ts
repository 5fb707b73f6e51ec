/** The canonical view of the exchange's request (core/decide RequestView) over the reader's bytes, with the edits made so far. */
import type { IpAddress } from '@weft/core/kernel';
import type { MetadataView, PeerNames, RequestView } from '@weft/core/decide';
import type { MetadataStruct } from '@weft/core/proxy-config';
import type { DownstreamConnection } from '../ports.ts';
import { HeaderEdit } from './header-edit.ts';

export class RequestHead implements RequestView {
  readonly edit = new HeaderEdit();
  method = '';
  host = '';
  /** The host with the letters that it was sent in: what goes on where nothing writes another. */
  spelledHost = '';
  path = '';
  query: string | undefined;
  scheme = 'http';
  /** It comes from within, as the connection manager's internal_address_config says. */
  internal = false;
  remoteIp: IpAddress | undefined;
  readonly destinationIp: IpAddress | undefined;
  readonly destinationPort: number;
  readonly directRemoteIp: IpAddress | undefined;
  readonly sourceIp: IpAddress | undefined;
  readonly serverName: string;
  readonly peer: PeerNames | undefined;
  readonly presentedCertificate: boolean;
  /** By namespace; made when a filter first has something to say. */
  metadata: Map<string, MetadataStruct> | undefined;
  routeMetadata: MetadataView | undefined;
  /** Canonical path and query as they arrived, before any rewrite. */
  originalPath = '';

  constructor(connection: DownstreamConnection) {
    this.destinationIp = connection.local.address;
    this.destinationPort = connection.local.port;
    this.directRemoteIp = (connection.directRemote ?? connection.remote).address;
    this.sourceIp = connection.remote.address;
    this.remoteIp = connection.remote.address;
    this.serverName = connection.serverName;
    this.presentedCertificate = connection.peer?.presented === true;
    this.peer = connection.peer?.verified === true ? connection.peer : undefined;
  }

  header(name: string): string | undefined {
    return this.edit.get(name);
  }

  headerValue(name: string, index: number): string | undefined {
    return this.edit.value(name, index);
  }

  nextPresent(names: readonly string[], from: number): number {
    return this.edit.nextPresent(names, from);
  }

  /** Values of a namespace that has some of them stay where `value` does not name them (Envoy's setDynamicMetadata). */
  addMetadata(namespace: string, value: MetadataStruct): void {
    const present = this.metadata?.get(namespace);
    this.replaceMetadata(namespace, present === undefined ? value : { ...present, ...value });
  }

  replaceMetadata(namespace: string, value: MetadataStruct): void {
    this.metadata ??= new Map();
    this.metadata.set(namespace, value);
  }

  forgetMetadata(): void {
    if (this.metadata !== undefined && this.metadata.size > 0) this.metadata.clear();
    this.routeMetadata = undefined;
  }
}
