/** A question as a person types it: names of caller and service, a request. */
import type { Caller, StatedRequest } from '@weft/compile/answers';
import { OUTSIDER, runsAs } from '@weft/compile/answers';
import { parseSpiffeId } from '@weft/core/identity';
import { parseIp } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import { UsageError } from '../errors.ts';

export interface ServiceName {
  /** Key. */
  readonly service: string;
  readonly port: number | undefined;
  /** It is a Gateway's. */
  readonly gateway: boolean;
}

const GATEWAY = 'gateway/';

/** `[NAMESPACE/]NAME[:PORT]` or `NAME.NAMESPACE[:PORT]` of a service; after `gateway/` of a Gateway. */
export function serviceName(text: string, namespace: string): ServiceName {
  return text.startsWith(GATEWAY)
    ? { ...named(text.slice(GATEWAY.length), namespace), gateway: true }
    : { ...named(text, namespace), gateway: false };
}

/** Whether `serviceName` takes it. */
export const isServiceName = (text: string): boolean =>
  text.startsWith(GATEWAY) || (SERVICE.test(text) && parseIp(text.replace(/:\d+$/, '')) === undefined);

const SERVICE = /^(?:([^/:.]+)\/)?([^/:.]+)(?:\.([^/:.]+))?(?::(\d{1,5}))?$/;

function named(text: string, namespace: string): Omit<ServiceName, 'gateway'> {
  const found = SERVICE.exec(text);
  if (found === null || (found[1] !== undefined && found[3] !== undefined))
    throw new UsageError(`a service is [NAMESPACE/]NAME[:PORT], not '${text}'`);
  const [, before, name = '', behind, port] = found;
  return { service: `${before ?? behind ?? namespace}/${name}`, port: port === undefined ? undefined : Number(port) };
}

/** `outside`, an IP address and a SPIFFE ID (of a certificate shown to a Gateway) are callers outside the mesh; else `[NAMESPACE/]NAME` of a workload, its app or its account. */
export function callerName(text: string, namespace: string): Caller {
  if (text === 'outside' && OUTSIDER !== undefined) return OUTSIDER;
  if (text.startsWith('spiffe://') && OUTSIDER?.kind === 'outside') {
    const id = parseSpiffeId(text);
    if (!id.ok) throw new UsageError(`'${text}' is no SPIFFE ID such as spiffe://partner.example/ns/shop/sa/cart`);
    return { ...OUTSIDER, identity: text };
  }
  const address = parseIp(text);
  if (address !== undefined) return { kind: 'outside', address };
  const found = /^(?:([^/:]+)\/)?([^/:]+)$/.exec(text);
  if (found === null)
    throw new UsageError(
      `a caller is [NAMESPACE/]NAME of a workload, 'outside', an IP address or a SPIFFE ID, not '${text}'`,
    );
  return { kind: 'workload', key: `${found[1] ?? namespace}/${found[2]}` };
}

/** The workload that runs under the caller's name, where there is one. */
export function resolved(caller: Caller, objects: readonly StoredObject[]): Caller {
  if (caller.kind === 'outside') return caller;
  return { kind: 'workload', key: runsAs(objects, caller.key) ?? caller.key };
}

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function statedRequest(method: string, path: string, headers: readonly string[]): StatedRequest {
  if (!METHOD.test(method)) throw new UsageError(`'${method}' is not a method`);
  if (!path.startsWith('/')) throw new UsageError(`a path begins with '/', not '${path}'`);
  return {
    method,
    path,
    headers: headers.map((header) => {
      const colon = header.indexOf(':');
      const name = header.slice(0, Math.max(colon, 0)).trim().toLowerCase();
      if (!METHOD.test(name)) throw new UsageError(`-H takes 'name: value', not '${header}'`);
      return { name, value: header.slice(colon + 1).trim() };
    }),
  };
}
