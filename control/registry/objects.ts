/** The objects the registry makes: a Workload for an agent, and the Service it asks for. They pass the API's admission like any other. */
import type { Hello } from '@weft/core/agent-api';
import { type StoredObject, SERVICE, WORKLOAD } from '@weft/core/resources';
import { type JsonObject, mergePatch, type Target } from '../api/index.ts';

/** Which registration holds the Workload: only it may take the name again. */
export const REGISTRATION_ANNOTATION = 'weft.dev/registration';
/** What the user called it, the part before `-xxxxx`. */
export const NAME_ANNOTATION = 'weft.dev/name';
/** Its stream stayed away and its endpoints were taken out; absent otherwise. */
const WITHDRAWN_ANNOTATION = 'weft.dev/withdrawn';

export const workloadTarget = (namespace: string, name: string): Target => ({
  kind: WORKLOAD,
  version: WORKLOAD.versions[0],
  namespace,
  name,
});

export const serviceTarget = (namespace: string, name: string): Target => ({
  kind: SERVICE,
  version: SERVICE.versions[0],
  namespace,
  name,
});

export function workloadDocument(hello: Hello, name: string, account: string): object {
  const { workload } = hello;
  return {
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Workload',
    metadata: {
      name,
      namespace: hello.namespace,
      labels: { app: workload.name, ...Object.fromEntries(workload.labels) },
      annotations: { [REGISTRATION_ANNOTATION]: hello.registration, [NAME_ANNOTATION]: workload.name },
    },
    spec: {
      addresses: workload.addresses,
      ports: workload.ports.map(portDocument),
      account,
      locality: workload.locality,
      ...(workload.metrics === undefined ? {} : { metrics: workload.metrics }),
    },
  };
}

const portDocument = (port: Hello['workload']['ports'][number]): object => ({
  name: port.name,
  port: port.port,
  protocol: port.protocol,
  ...(port.proxyPort === undefined ? {} : { proxyPort: port.proxyPort }),
});

const SPOKEN = {
  http: { appProtocol: 'http' },
  http2: { appProtocol: 'http2' },
  grpc: { appProtocol: 'grpc' },
  tcp: { appProtocol: 'tcp' },
  auto: { appProtocol: 'auto' },
  udp: { protocol: 'UDP' },
} as const;

/** One port a workload port, of the same number. undefined for a workload without ports: nothing could be sent to it. */
export function serviceDocument(hello: Hello, name: string): object | undefined {
  const { workload, namespace } = hello;
  if (workload.ports.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      selector: { app: workload.labels.get('app') ?? workload.name },
      ports: workload.ports.map((port) => ({
        name: port.name,
        port: port.port,
        targetPort: port.name,
        ...SPOKEN[port.protocol],
      })),
    },
  };
}

/** A Workload's document with or without the note that it was withdrawn. */
export function withdrawnDocument(document: JsonObject, withdrawn: boolean): JsonObject {
  const note = { [WITHDRAWN_ANNOTATION]: withdrawn ? 'true' : null };
  return mergePatch(document, { metadata: { annotations: note } }) as JsonObject;
}

/** What a stored Workload says about its agent; undefined when it was written by hand. */
export function leaseOf(
  object: StoredObject,
): { readonly registration: string; readonly name: string; readonly withdrawn: boolean } | undefined {
  const { annotations, name } = object.metadata;
  const registration = annotations[REGISTRATION_ANNOTATION];
  if (registration === undefined) return undefined;
  const withdrawn = annotations[WITHDRAWN_ANNOTATION] === 'true';
  return { registration, name: annotations[NAME_ANNOTATION] ?? name, withdrawn };
}
