/** Extensions as rows, and whether whom they name is there. */
import { parseDuration } from '../../kernel/index.ts';
import { type Authorization, type Extension, objectName } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { ExtensionRow } from '../policy-rows.ts';
import { serviceOfKind, type Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

export interface Extensions {
  readonly rows: ReadonlyMap<string, ExtensionRow>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleExtensions(memory: Memory, objects: readonly Extension[], services: Services): Extensions {
  const rows = new Map<string, ExtensionRow>();
  const statuses = objects.map((object) => {
    const key = keyOf(object);
    rows.set(
      key,
      memory.remember(`extension ${key}`, [object], () => rowOf(object)),
    );
    const faults = faultsOf(object, services);
    const status = statusOf(object, [condition('Accepted', object.metadata.generation, faults)], [], faults);
    return memory.remember(`extension-status ${key}`, [status], () => status);
  });
  return { rows, statuses };
}

const rowOf = ({ metadata: { namespace, name }, spec: { authorization } }: Extension): ExtensionRow => ({
  key: objectKey(namespace, name),
  protocol: authorization.protocol === 'GRPC' ? 'grpc' : 'http',
  service: serviceOf(authorization, namespace),
  pathPrefix: authorization.pathPrefix ?? '',
  timeout: parseDuration(authorization.timeout) ?? 1000,
  denies: authorization.onFailure === 'Deny',
  body: authorization.body,
  requestHeaders: authorization.requestHeaders?.map(lower),
  upstreamHeaders: (authorization.upstreamHeaders ?? []).map(lower),
  downstreamHeaders: (authorization.downstreamHeaders ?? []).map(lower),
  source: `${objectName('Extension', namespace, name)}#spec.authorization`,
});

const lower = (name: string): string => name.toLowerCase();

const serviceOf = ({ service: { name, port } }: Authorization, namespace: string): ExtensionRow['service'] => ({
  service: objectKey(namespace, name),
  port,
});

function faultsOf({ metadata: { namespace }, spec: { authorization } }: Extension, services: Services): Fault[] {
  const path = 'spec.authorization.service';
  const fault = (field: string, message: string, remedy: string): Fault[] => [
    { reason: 'BackendNotFound', path: `${path}.${field}`, message, remedy },
  ];
  const { name, port: wanted } = authorization.service;
  const service = serviceOfKind(services, 'Service', objectKey(namespace, name));
  if (service === undefined)
    return fault('name', `there is no Service ${name} in namespace ${namespace}`, 'create it, or correct the name');
  const { ports } = service;
  const port = wanted === undefined && ports.length === 1 ? ports[0] : ports.find((one) => one.port === wanted);
  if (port === undefined)
    return fault(
      'port',
      `Service ${name} has no such port`,
      `name one of its ports: ${ports.map((one) => one.port).join(', ')}`,
    );
  const speaks = authorization.protocol === 'GRPC' ? ['grpc', 'http2'] : ['http', 'http2', 'grpc'];
  return speaks.includes(port.protocol)
    ? []
    : fault(
        'port',
        `port ${port.port} of Service ${name} carries ${port.protocol}`,
        `set \`appProtocol: ${authorization.protocol.toLowerCase()}\` on it`,
      );
}
