/**
 * What a client says of itself in envoy.config.core.v3.Node: its id, its engine, and in metadata `dev.weft` what it wants of its mesh.
 * Claims only; nothing here grants anything. Read strictly: every fault is reported, nothing is ignored.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import type { ClientEngine, Proxy, UpstreamRequest } from '@weft/core/mesh-view';
import { profileOf, type NodeClaims } from '@weft/envoy/discovery';

export interface NodeClaim {
  /** `namespace/workload`. */
  readonly id: string;
  readonly engine: ClientEngine;
  readonly upstreams: readonly UpstreamRequest[];
  /** 0: none. */
  readonly httpProxyPort: number;
  /** It wants to serve the Gateway that bears the name of its account, in its namespace. */
  readonly gateway: boolean;
  /** '' when not stated. */
  readonly network: string;
  readonly locality: Proxy['locality'];
}

export const METADATA_KEY = 'dev.weft';

const MAX_UPSTREAMS = 1024;
const MAX_FEATURES = 64;
const WORD = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
/** DNS label, and `namespace/name` of two. */
const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const NAME = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;
const SERVICE = new RegExp(`^(?:${LABEL}/)?${LABEL}$`);

const ENGINES: readonly ClientEngine['name'][] = ['weft', 'envoy', 'grpc'];

export function readNode(node: NodeClaims): Result<NodeClaim, readonly Diagnostic[]> {
  const reader = new Reader();
  const [namespace = '', name = '', ...rest] = node.id.split('/');
  if (!new RegExp(`^${LABEL}$`).test(namespace) || !NAME.test(name) || rest.length > 0)
    reader.fault('id', `${JSON.stringify(node.id.slice(0, 256))} is not namespace/workload`);
  const said = node.metadata[METADATA_KEY];
  const root = said === undefined ? {} : reader.object(said, METADATA_KEY);
  reader.known(root, METADATA_KEY, ['engine', 'upstreams', 'httpProxyPort', 'network', 'gateway']);
  const at = (field: string): string => `${METADATA_KEY}.${field}`;
  const claim: NodeClaim = {
    id: node.id,
    engine: root.engine === undefined ? engineOf(node) : reader.engine(root.engine, at('engine')),
    upstreams: reader
      .list(root.upstreams, at('upstreams'), MAX_UPSTREAMS)
      .map((value, index) => reader.upstream(value, `${at('upstreams')}[${index}]`, namespace)),
    httpProxyPort: root.httpProxyPort === undefined ? 0 : reader.port(root.httpProxyPort, at('httpProxyPort'), 0),
    gateway: root.gateway !== undefined && reader.flag(root.gateway, at('gateway')),
    network: root.network === undefined ? '' : reader.word(root.network, at('network')),
    locality: node.locality,
  };
  reader.distinctPorts(claim);
  return reader.faults.length === 0 ? ok(claim) : err(reader.faults);
}

/** For a client that says nothing under `dev.weft`: by its user agent. */
function engineOf(node: NodeClaims): ClientEngine {
  const { engine, version, features } = profileOf(node);
  return { name: engine, version, features: [...features] };
}

type Fields = Readonly<Record<string, unknown>>;

class Reader {
  readonly faults: Diagnostic[] = [];

  fault(path: string, message: string): void {
    this.faults.push({
      severity: 'error',
      code: 'invalid-node',
      message,
      place: { path: `node.${path}` },
      remedy: 'Correct the node in the bootstrap',
    });
  }

  object(value: unknown, path: string): Fields {
    if (isObject(value)) return value;
    this.fault(path, 'is not an object');
    return {};
  }

  known(fields: Fields, path: string, names: readonly string[]): void {
    for (const name of Object.keys(fields))
      if (!names.includes(name))
        this.fault(`${path}.${name.slice(0, 64)}`, `unknown field; known are ${names.join(', ')}`);
  }

  list(value: unknown, path: string, most: number): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length <= most) return value;
    this.fault(path, Array.isArray(value) ? `has more than ${most} entries` : 'is not a list');
    return [];
  }

  word(value: unknown, path: string): string {
    if (typeof value === 'string' && WORD.test(value)) return value;
    this.fault(path, 'is not a word of letters, digits and . _ + -, at most 64');
    return '';
  }

  flag(value: unknown, path: string): boolean {
    if (typeof value !== 'boolean') this.fault(path, 'is not true or false');
    return value === true;
  }

  port(value: unknown, path: string, least: 0 | 1): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 65_535) return value;
    this.fault(path, `is not a whole number from ${least} to 65535`);
    return 0;
  }

  engine(value: unknown, path: string): ClientEngine {
    const fields = this.object(value, path);
    this.known(fields, path, ['name', 'version', 'features']);
    const name = ENGINES.find((each) => each === fields.name);
    if (name === undefined) this.fault(`${path}.name`, `is not one of ${ENGINES.join(', ')}`);
    return {
      name: name ?? 'envoy',
      version:
        fields.version === undefined || fields.version === '' ? '' : this.word(fields.version, `${path}.version`),
      features: this.list(fields.features, `${path}.features`, MAX_FEATURES).map((feature, index) =>
        this.word(feature, `${path}.features[${index}]`),
      ),
    };
  }

  upstream(value: unknown, path: string, namespace: string): UpstreamRequest {
    const fields = this.object(value, path);
    this.known(fields, path, ['service', 'port', 'localPort']);
    const service = typeof fields.service === 'string' && SERVICE.test(fields.service) ? fields.service : undefined;
    if (service === undefined) this.fault(`${path}.service`, 'is not a service name or namespace/name');
    return {
      service: service === undefined || service.includes('/') ? (service ?? '') : `${namespace}/${service}`,
      port: fields.port === undefined ? undefined : this.port(fields.port, `${path}.port`, 1),
      localPort: this.port(fields.localPort, `${path}.localPort`, 1),
    };
  }

  distinctPorts(claim: NodeClaim): void {
    const taken = new Map<number, string>();
    if (claim.httpProxyPort > 0) taken.set(claim.httpProxyPort, 'httpProxyPort');
    claim.upstreams.forEach(({ localPort }, index) => {
      const path = `upstreams[${index}]`;
      const other = taken.get(localPort);
      if (localPort > 0 && other !== undefined)
        this.fault(`${METADATA_KEY}.${path}.localPort`, `port ${localPort} is taken by ${other}`);
      else taken.set(localPort, path);
    });
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
