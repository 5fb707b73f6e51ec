/** Extensions as rows, and whether whom they name is there. */
import { parseDuration } from '../../kernel/index.ts';
import { type Authorization, type Extension, objectName, type Processing } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { AskRow, BodyMode, ExtensionRow, ProcessorRow } from '../policy-rows.ts';
import { serviceOfKind, type Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

export interface Extensions {
  readonly rows: ReadonlyMap<string, AskRow>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleExtensions(memory: Memory, objects: readonly Extension[], services: Services): Extensions {
  const rows = new Map<string, AskRow>();
  const statuses = objects.flatMap((object) => {
    const key = keyOf(object);
    rows.set(
      key,
      memory.remember(`extension ${key}`, [object], () => rowOf(object)),
    );
    // With targets its status is a policy's (processors.ts).
    if (object.spec.targetRefs !== undefined) return [];
    const faults = extensionFaults(object, services);
    const status = statusOf(object, [condition('Accepted', object.metadata.generation, faults)], [], faults);
    return memory.remember(`extension-status ${key}`, [status], () => status);
  });
  return { rows, statuses };
}

function rowOf({ metadata: { namespace, name }, spec: { authorization, processing } }: Extension): AskRow {
  if (authorization !== undefined) return authorizationOf(namespace, name, authorization);
  if (processing === undefined) throw new TypeError('an Extension that does nothing passed its check');
  return processorOf(namespace, name, processing);
}

const BODIES: Readonly<Record<Processing['request']['body'], BodyMode>> = {
  None: 'none',
  Streamed: 'streamed',
  Buffered: 'buffered',
  BufferedPartial: 'buffered-partial',
};

export const processorOf = (namespace: string, name: string, processing: Processing): ProcessorRow => ({
  kind: 'processing',
  key: objectKey(namespace, name),
  service: serviceOf(processing, namespace),
  timeout: parseDuration(processing.timeout) ?? 200,
  denies: processing.onFailure === 'Deny',
  modes: {
    requestHeaders: processing.request.headers === 'Send',
    responseHeaders: processing.response.headers === 'Send',
    requestBody: BODIES[processing.request.body],
    responseBody: BODIES[processing.response.body],
  },
  shownHeaders: processing.shownHeaders?.map(lower),
  choosesAgain: processing.route === 'ChooseAgain',
  overridesModes: processing.modeOverride,
  source: `${objectName('Extension', namespace, name)}#spec.processing`,
});

const authorizationOf = (namespace: string, name: string, authorization: Authorization): ExtensionRow => ({
  kind: 'authorization',
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

const serviceOf = (
  { service: { name, port } }: Authorization | Processing,
  namespace: string,
): ExtensionRow['service'] => ({
  service: objectKey(namespace, name),
  port,
});

export function extensionFaults(
  { metadata: { namespace }, spec: { authorization, processing } }: Extension,
  services: Services,
): Fault[] {
  const path = authorization === undefined ? 'spec.processing.service' : 'spec.authorization.service';
  const asked = authorization ?? processing;
  if (asked === undefined) return [];
  const fault = (field: string, message: string, remedy: string): Fault[] => [
    { reason: 'BackendNotFound', path: `${path}.${field}`, message, remedy },
  ];
  const { name, port: wanted } = asked.service;
  const protocol = authorization?.protocol ?? 'GRPC';
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
  const speaks = protocol === 'GRPC' ? ['grpc', 'http2'] : ['http', 'http2', 'grpc'];
  return speaks.includes(port.protocol)
    ? []
    : fault(
        'port',
        `port ${port.port} of Service ${name} carries ${port.protocol}`,
        `set \`appProtocol: ${protocol.toLowerCase()}\` on it`,
      );
}
