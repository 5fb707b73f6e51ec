/** What a policy's targetRefs mean in its mesh (Gateway API, GEP-713). */
import { type GRPCRoute, type HTTPRoute, objectName, type TargetRef } from '../../resources/index.ts';
import { objectKey, targetKey } from '../keys.ts';
import type { ServicePortRow, ServiceRow } from '../rows.ts';
import { serviceOfKind, type Services } from './backends.ts';
import type { Fault } from './status.ts';

export type Target =
  | { readonly kind: 'mesh'; readonly path: string }
  | { readonly kind: 'namespace'; readonly namespace: string; readonly path: string }
  /** `key`: `Kind/namespace/name` of the route; `rule`: the name of one of its rules. */
  | { readonly kind: 'route'; readonly key: string; readonly rule: string | undefined; readonly path: string }
  /** `listener`: the name of one of its listeners. */
  | { readonly kind: 'gateway'; readonly gateway: string; readonly listener: string | undefined; readonly path: string }
  | {
      readonly kind: 'service';
      readonly service: ServiceRow;
      readonly port: ServicePortRow | undefined;
      readonly path: string;
    };

export interface Targets {
  readonly found: readonly Target[];
  readonly faults: readonly Fault[];
}

/** What policies of a mesh can be about. */
export interface Targetable {
  /** Name of the mesh. */
  readonly mesh: string;
  readonly services: Services;
  /** Names of the rules of each route, by `Kind/namespace/name`. */
  readonly routes: ReadonlyMap<string, readonly string[]>;
  /** Names of the listeners of each Gateway, by its key. */
  readonly gateways: ReadonlyMap<string, readonly string[]>;
}

export function targetsOf(refs: readonly TargetRef[], namespace: string, there: Targetable): Targets {
  const { mesh, services, routes, gateways } = there;
  const found: Target[] = [];
  const faults: Fault[] = [];
  for (const [index, { kind, name, sectionName, namespace: named = namespace }] of refs.entries()) {
    const path = `spec.targetRefs[${index}]`;
    const absent = (field: string, message: string, remedy: string): void => {
      faults.push({ reason: 'TargetNotFound', path: `${path}.${field}`, message, remedy });
    };
    if (kind === 'Mesh') {
      if (name === mesh) found.push({ kind: 'mesh', path });
      else absent('name', `namespace ${namespace} belongs to mesh ${mesh}, not ${name}`, `write \`${mesh}\``);
    } else if (kind === 'Namespace') {
      if (name === namespace) found.push({ kind: 'namespace', namespace, path });
      else
        absent(
          'name',
          `a policy in namespace ${namespace} cannot speak for namespace ${name}`,
          `write \`${namespace}\``,
        );
    } else if (kind === 'Gateway') {
      const key = objectKey(namespace, name);
      const listeners = gateways.get(key);
      if (listeners === undefined) {
        absent('name', `there is no Gateway ${name} in namespace ${namespace}`, 'create it, or correct the name');
      } else if (sectionName !== undefined && !listeners.includes(sectionName)) {
        absent(
          'sectionName',
          `Gateway ${name} has no listener named ${sectionName}`,
          `its listeners are ${listeners.join(', ')}`,
        );
      } else found.push({ kind: 'gateway', gateway: key, listener: sectionName, path });
    } else if (kind === 'HTTPRoute' || kind === 'GRPCRoute') {
      const key = objectName(kind, namespace, name);
      const rules = routes.get(key);
      if (rules === undefined) {
        absent('name', `there is no ${kind} ${name} in namespace ${namespace}`, 'create it, or correct the name');
      } else if (sectionName !== undefined && !rules.includes(sectionName)) {
        const known = rules.length === 0 ? 'give the rule a `name`' : `its rules are ${rules.join(', ')}`;
        absent('sectionName', `${kind} ${name} has no rule named ${sectionName}`, known);
      } else found.push({ kind: 'route', key, rule: sectionName, path });
    } else {
      const service = serviceOfKind(services, kind, objectKey(named, name));
      const port = service?.ports.find((candidate) => candidate.name === sectionName);
      if (service === undefined) {
        absent('name', `there is no ${kind} ${name} in namespace ${named}`, 'create it, or correct the name');
      } else if (sectionName !== undefined && port === undefined) {
        const ports = service.ports.map((candidate) => candidate.name).join(', ');
        absent('sectionName', `${kind} ${name} has no port named ${sectionName}`, `its ports are ${ports}`);
      } else found.push({ kind: 'service', service, port, path });
    }
  }
  return { found, faults };
}

/** The key of a policy table under which a policy about this target stands. */
export function keyOfTarget(target: Target): string {
  switch (target.kind) {
    case 'mesh':
      return targetKey.mesh;
    case 'namespace':
      return targetKey.namespace(target.namespace);
    case 'route':
      return target.rule === undefined ? target.key : targetKey.rule(target.key, target.rule);
    case 'gateway':
      return target.listener === undefined
        ? targetKey.gateway(target.gateway)
        : targetKey.listener(`${target.gateway}/${target.listener}`);
    case 'service':
      return target.port === undefined
        ? targetKey.service(target.service.key)
        : targetKey.port(target.service.key, target.port.port);
  }
}

/** Names of the rules of routes, by `Kind/namespace/name`. */
export const ruleNames = (routes: readonly (HTTPRoute | GRPCRoute)[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    routes.map(({ kind, metadata: { namespace, name }, spec: { rules } }) => [
      objectName(kind, namespace, name),
      rules.flatMap((rule) => rule.name ?? []),
    ]),
  );
