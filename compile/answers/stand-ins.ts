/**
 * What files do not hold: the running workloads. For an answer without a mesh that runs, each service that selects nobody gets a workload
 * as `weft run` would register it, and so does a caller that is none, a limiter that counts and whoever an Extension asks; each is told with
 * the answer, since it is an assumption.
 */
import { objectKey } from '@weft/core/mesh-view';
import {
  type AccessPolicy,
  type Extension,
  GATEWAY_NAME_LABEL,
  type Mesh,
  protocolOfPort,
  type RateLimit,
  type Service,
  type StoredObject,
  type Workload,
} from '@weft/core/resources';
import { servedBy } from './world.ts';

export interface Populated {
  readonly objects: readonly StoredObject[];
  /** One sentence each. */
  readonly assumptions: readonly string[];
}

/** `service` and `caller` are keys; undefined: nothing is needed of that kind. `running`: the objects are those of a mesh that runs. */
export function populate(
  objects: readonly StoredObject[],
  {
    service,
    caller,
    gateway,
    running,
    accounts = false,
    callers = [],
  }: {
    readonly service: string | undefined;
    readonly caller: string | undefined;
    /** Key of a Gateway that somebody must serve; `*`: all of them. */
    readonly gateway?: string | undefined;
    readonly running: boolean;
    /** Also a workload for each account that a policy names. */
    readonly accounts?: boolean;
    /** Further workloads, by key, that may be asked about; of `namespace/account` too. */
    readonly callers?: readonly string[];
  },
): Populated {
  if (running) return { objects, assumptions: [] };
  const all = [...objects];
  const assumptions: string[] = [];
  const assume = (object: StoredObject, sentence: string): void => {
    all.push(object);
    assumptions.push(sentence);
  };
  const services = objects.filter((object): object is Service => object.kind === 'Service');
  const known = new Set(
    objects.filter(({ kind }) => ['Service', 'ExternalService', 'Subset'].includes(kind)).map(keyOf),
  );
  for (const key of [...named(objects), ...(service === undefined ? [] : [service])]) {
    if (known.has(key)) continue;
    known.add(key);
    const made = standInService(key);
    services.push(made);
    assume(
      made,
      `there is no Service ${key}: taken as one with the port 80 for HTTP and the selector app: ${nameOf(key)}`,
    );
  }
  for (const [key, ports] of gateway === undefined ? [] : behindGateways(objects)) {
    if (known.has(key)) continue;
    known.add(key);
    const made = standInService(key, [...ports]);
    services.push(made);
    assume(
      made,
      `there is no Service ${key}: taken as one with the ports of its routes and the selector app: ${nameOf(key)}`,
    );
  }
  for (const { key, port } of asked(objects)) {
    if (known.has(key)) continue;
    known.add(key);
    const made = standInService(key, [port ?? 80], 'grpc');
    services.push(made);
    assume(made, `there is no Service ${key}, which proxies ask about requests: taken as one that answers`);
  }
  // The most particular selector first: a workload that it stands for may be another service's too.
  for (const one of services.toSorted((a, b) => selectorOf(b).length - selectorOf(a).length)) {
    if (selectorOf(one).length === 0 || all.some((object) => isSelected(object, one))) continue;
    const made = standInWorkload(one);
    assume(
      made,
      `nothing runs behind Service ${keyOf(one)}: taken as one workload with a proxy and the account ${made.spec.account}`,
    );
  }
  for (const key of gateway === '*' ? gatewaysIn(objects) : gateway === undefined ? [] : [gateway]) {
    if (servedBy(all, key).length > 0) continue;
    const taken = all.some((object) => object.kind === 'Workload' && keyOf(object) === key);
    assume(
      workload(
        taken ? `${key}-gateway` : key,
        { [GATEWAY_NAME_LABEL]: nameOf(key) },
        { account: nameOf(key), ports: [] },
      ),
      `nobody serves Gateway ${key}: taken as one process with the account ${nameOf(key)}`,
    );
  }
  for (const key of new Set([...(accounts ? accountsIn(objects) : []), ...callers])) {
    if (runsAs(all, key) === undefined)
      all.push(workload(key, { app: nameOf(key) }, { account: nameOf(key), ports: [] }));
  }
  if (caller !== undefined && !all.some((object) => object.kind === 'Workload' && keyOf(object) === caller)) {
    if (runsAs(all, caller) === undefined)
      assume(
        workload(caller, { app: nameOf(caller) }, { account: nameOf(caller), ports: [] }),
        `no workload ${caller} runs: taken as one with the account ${nameOf(caller)}`,
      );
  }
  return { objects: all, assumptions };
}

/** The workload that a word means: its name, else its label `app`, else its account. */
export function runsAs(objects: readonly StoredObject[], key: string): string | undefined {
  const workloads = objects.filter(
    (object): object is Workload => object.kind === 'Workload' && object.metadata.namespace === namespaceOf(key),
  );
  const name = nameOf(key);
  const found =
    workloads.find((one) => one.metadata.name === name) ??
    workloads.find((one) => one.metadata.labels['app'] === name) ??
    workloads.find((one) => one.spec.account === name);
  return found === undefined ? undefined : keyOf(found);
}

/** Keys of services that routes are attached to and policies are about: `weft run` registers such a Service with its workload. */
const named = (objects: readonly StoredObject[]): string[] =>
  objects.flatMap((object) => {
    const spec = (object.spec ?? {}) as { readonly parentRefs?: readonly Ref[]; readonly targetRefs?: readonly Ref[] };
    const parents = (spec.parentRefs ?? []).filter(({ kind }) => kind === 'Service');
    const targets = (spec.targetRefs ?? []).filter(({ kind = 'Service' }) => kind === 'Service');
    return [...parents, ...targets].map((ref) => objectKey(ref.namespace ?? object.metadata.namespace, ref.name));
  });

/** Services that proxies ask themselves: limiters, and those of Extensions, which are told of as gRPC whatever they speak. */
const asked = (objects: readonly StoredObject[]): { readonly key: string; readonly port: number | undefined }[] =>
  objects.flatMap((object) => {
    const { kind, metadata, spec } = object;
    const named: (Ref | undefined)[] =
      kind === 'Mesh'
        ? [(spec as Mesh['spec']).limiter]
        : kind === 'RateLimit'
          ? [(spec as RateLimit['spec']).global?.limiter]
          : kind === 'Extension'
            ? [(spec as Extension['spec']).authorization?.service, (spec as Extension['spec']).processing?.service]
            : [];
    return named.flatMap((ref) =>
      ref === undefined ? [] : [{ key: objectKey(ref.namespace ?? metadata.namespace, ref.name), port: ref.port }],
    );
  });

const gatewaysIn = (objects: readonly StoredObject[]): string[] =>
  objects.filter(({ kind }) => kind === 'Gateway').map(keyOf);

/** Services that routes of Gateways lead to, with the ports that they name. */
function behindGateways(objects: readonly StoredObject[]): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  for (const { kind, metadata, spec } of objects) {
    if (!kind.endsWith('Route')) continue;
    const { parentRefs = [], rules = [] } = spec as {
      readonly parentRefs?: readonly Ref[];
      readonly rules?: readonly { readonly backendRefs?: readonly Ref[] }[];
    };
    if (!parentRefs.some((parent) => parent.kind === 'Gateway')) continue;
    for (const ref of rules.flatMap(({ backendRefs = [] }) => backendRefs)) {
      if (ref.kind !== 'Service' || ref.port === undefined) continue;
      const key = objectKey(ref.namespace ?? metadata.namespace, ref.name);
      found.set(key, (found.get(key) ?? new Set()).add(ref.port));
    }
  }
  return found;
}

/** Keys `namespace/account` that access policies speak of. */
export const accountsIn = (objects: readonly StoredObject[]): string[] =>
  objects
    .filter((object): object is AccessPolicy => object.kind === 'AccessPolicy')
    .flatMap(({ metadata: { namespace }, spec: { rules } }) =>
      rules.flatMap(({ from = [] }) =>
        from.flatMap(({ accounts = [], namespaces = [namespace], identities = [] }) => [
          ...namespaces.flatMap((one) => accounts.map((account) => objectKey(one, account))),
          ...identities.filter((identity) => /^[^/*]+\/[^/*]+$/.test(identity)),
        ]),
      ),
    );

interface Ref {
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number | undefined;
}

const keyOf = (object: StoredObject): string => objectKey(object.metadata.namespace, object.metadata.name);
const namespaceOf = (key: string): string => key.slice(0, key.indexOf('/'));
const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);
const selectorOf = (service: Service): [string, string][] => Object.entries(service.spec.selector ?? {});

const isSelected = (object: StoredObject, service: Service): boolean =>
  object.kind === 'Workload' &&
  object.metadata.namespace === service.metadata.namespace &&
  selectorOf(service).every(([key, value]) => object.metadata.labels[key] === value);

const metadata = (key: string, labels: Readonly<Record<string, string>>): StoredObject['metadata'] => ({
  name: nameOf(key),
  namespace: namespaceOf(key),
  uid: `stand-in/${key}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '1970-01-01T00:00:00Z',
  labels,
  annotations: {},
});

const standInService = (key: string, ports: readonly number[] = [80], protocol: 'http' | 'grpc' = 'http'): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(key, {}),
  spec: {
    ports: ports.map((port) => ({
      name: ports.length === 1 ? protocol : `${protocol}-${port}`,
      port,
      protocol: 'TCP',
      appProtocol: protocol,
    })),
    selector: { app: nameOf(key) },
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
  },
});

const FIRST_PROXY_PORT = 15_100;

function standInWorkload(service: Service): Workload {
  const selector = service.spec.selector ?? {};
  const taken = new Set<number>();
  const ports = service.spec.ports.flatMap((port, index): Workload['spec']['ports'] => {
    const number = typeof port.targetPort === 'number' ? port.targetPort : port.port;
    if (taken.has(number)) return [];
    taken.add(number);
    const name = typeof port.targetPort === 'string' ? port.targetPort : (port.name ?? `port-${port.port}`);
    return [{ name, port: number, protocol: protocolOfPort(port), proxyPort: FIRST_PROXY_PORT + index }];
  });
  return workload(keyOf(service), selector, { account: selector['app'] ?? service.metadata.name, ports });
}

const workload = (
  key: string,
  labels: Readonly<Record<string, string>>,
  spec: Pick<Workload['spec'], 'account' | 'ports'>,
): Workload => ({
  apiVersion: 'weft.dev/v1alpha1',
  kind: 'Workload',
  metadata: metadata(key, labels),
  spec: {
    addresses: [{ ip: '127.0.0.1', network: '' }],
    locality: { region: '', zone: '', subZone: '' },
    ...spec,
  },
});
