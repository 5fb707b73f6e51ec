/** The host of a request as TLS to its endpoint names it (UpstreamHttpProtocolOptions): without port, as it was written; '' for an address, which is no name. */
import { parseIp } from '@weft/core/kernel';
import type { AutoSni } from '@weft/core/proxy-config';
import type { HeaderEdit } from '../http/header-edit.ts';
import type { EndpointRuntime } from '../ports.ts';

/** '' where the endpoint's cluster asks for none. `edit`: the headers as they go on. */
export function hostFor({ cluster }: EndpointRuntime, edit: HeaderEdit): string {
  const { autoSni } = cluster.config;
  return autoSni === undefined ? '' : serverNameOf(autoSni, edit);
}

function serverNameOf({ header: override }: AutoSni, edit: HeaderEdit): string {
  const stated = override === '' ? undefined : edit.get(override);
  const authority = stated === undefined || stated === '' ? (edit.get('host') ?? '') : stated;
  const host = authority.replace(/:\d*$/, '');
  return host.startsWith('[') || parseIp(host) !== undefined ? '' : host;
}
